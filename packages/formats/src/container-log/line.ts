/** A line that a container wrote to its standard output or error. */
export interface ContainerLine {
  /** Without its line feed. */
  readonly message: string
  readonly stream: 'stdout' | 'stderr'
  readonly timeMs: number
  /** The container wrote a longer line, which its runtime cut; more of it follows. */
  readonly isPartial: boolean
}

/** containerd and CRI-O: `2026-11-20T10:00:00.123456789Z stdout F message` (KEP "CRI log format"). */
const CRI =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) (stdout|stderr) ([FP])(?::[\w:]{1,32})? ?/

/** Reads a line of a container's log, as Docker's `json-file` driver or a runtime of Kubernetes writes it. */
export function parseContainerLine(line: string): ContainerLine | undefined {
  const cri = CRI.exec(line)
  if (cri !== null) {
    const timeMs = timeOf(cri[1])
    if (timeMs === undefined) return undefined
    return {
      message: line.slice(cri[0].length),
      stream: cri[2] === 'stderr' ? 'stderr' : 'stdout',
      timeMs,
      isPartial: cri[3] === 'P',
    }
  }
  return line.startsWith('{"log":') ? docker(line) : undefined
}

function docker(line: string): ContainerLine | undefined {
  let object: unknown
  try {
    object = JSON.parse(line)
  } catch {
    return undefined
  }
  const { log, stream, time } = object as Readonly<Record<string, unknown>>
  const timeMs = timeOf(time)
  if (typeof log !== 'string' || timeMs === undefined) return undefined
  const isPartial = !log.endsWith('\n')
  return {
    message: isPartial ? log : log.slice(0, log.endsWith('\r\n') ? -2 : -1),
    stream: stream === 'stderr' ? 'stderr' : 'stdout',
    timeMs,
    isPartial,
  }
}

function timeOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > 40) return undefined
  // Of nine digits of a second six are kept, as of every other time.
  const [, whole = '', fraction = '0', zone = ''] =
    /^([^.]+?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(text) ?? []
  const seconds = Date.parse(`${whole}${zone}`)
  if (!Number.isFinite(seconds)) return undefined
  return seconds + Math.floor(Number(`0.${fraction}`) * 1e6) / 1000
}

const DOCKER_PATH = /\/containers\/([0-9a-f]{64})\/[^/]+-json\.log(?:\.\d+)?$/
/** `pod_namespace_container-<id>.log`, the links that the kubelet makes. */
const KUBELET_PATH = /\/[^/]+_[^/]+_[^/]+-([0-9a-f]{64})\.log$/
/** `/var/log/pods/namespace_pod_uid/container/0.log`. */
const POD_PATH = /\/pods\/([^/]+_[^/]+_[^/]+\/[^/]+)\/\d+\.log(?:\.[\d-]+)?$/

/** Which container wrote a log, by the file's path; undefined where that says nothing. */
export function containerOfPath(
  path: string,
): { readonly uid: string; readonly runtime: string } | undefined {
  const docker = DOCKER_PATH.exec(path)?.[1]
  if (docker !== undefined) return { uid: docker, runtime: 'docker' }
  const uid = KUBELET_PATH.exec(path)?.[1] ?? POD_PATH.exec(path)?.[1]
  return uid === undefined ? undefined : { uid, runtime: 'cri' }
}
