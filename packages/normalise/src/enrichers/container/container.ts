import type { Container } from '@vedette/model'

/** How a runtime names the cgroup of a container: a prefix of the last component, or the folder above it. */
const SCOPE_RUNTIMES: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  nerdctl: 'containerd',
  crio: 'crio',
  libpod: 'podman',
}

const SCOPE = /^(?:(cri-containerd|containerd|nerdctl|docker|crio|libpod)-)?([0-9a-f]{64})(?:\.scope)?$/
const LXC = /^lxc\.payload\.([\w.-]{1,128})$/
const NSPAWN = /^machine-([\w.-]{1,128})\.scope$/

/**
 * The container that a cgroup path belongs to; undefined on the host. Of containers within containers the innermost.
 * Knows Docker, containerd (also nerdctl and through Kubernetes), CRI-O, Podman, LXC and systemd-nspawn, under both
 * cgroup drivers (`docker-<id>.scope` and `/docker/<id>`). The monitor of a container (conmon) runs on the host.
 */
export function containerOf(cgroupPath: string): Container | undefined {
  const parts = cgroupPath.split('/', 64)
  for (let i = parts.length - 1; i > 0; i -= 1) {
    const part = parts[i] ?? ''
    if (part.length < 5) continue
    const scope = SCOPE.exec(part)
    if (scope?.[2] !== undefined) {
      const runtime = scope[1] === undefined ? runtimeAbove(parts, i) : SCOPE_RUNTIMES[scope[1]]
      return { uid: scope[2], ...(runtime !== undefined && { runtime }) }
    }
    const lxc = LXC.exec(part)?.[1] ?? (parts[i - 1] === 'lxc' ? part : undefined)
    if (lxc !== undefined) return { uid: lxc, runtime: 'lxc' }
    const machine = parts[i - 1] === 'machine.slice' ? NSPAWN.exec(part)?.[1] : undefined
    if (machine !== undefined) return { uid: machine, runtime: 'systemd-nspawn' }
  }
  return undefined
}

/** A bare id has its runtime in the folders above: `/docker/<id>`, `/kubepods/burstable/pod<uid>/<id>`. */
function runtimeAbove(parts: readonly string[], index: number): string | undefined {
  for (let i = index - 1; i > 0; i -= 1) {
    const part = parts[i] ?? ''
    if (part === 'docker') return 'docker'
    if (part === 'kubepods' || part.startsWith('kubepods.')) return 'kubepods'
    if (part.startsWith('libpod')) return 'podman'
    if (part === 'crio') return 'crio'
    if (part.startsWith('containerd')) return 'containerd'
  }
  return undefined
}
