import { MAX_BATCH_EVENTS } from '@vedette/model'

/** What a generated event says of where it comes from. */
export const LOAD_PROVIDER = 'load-test'

const programs = ['bash', 'git', 'node', 'nginx', 'python3', 'make'] as const

export interface GeneratedBatch {
  readonly agent: string
  readonly hostname: string
  readonly run: string
  /** Number of the first event; each one's stands at the end of its id. */
  readonly from: number
  readonly count: number
  readonly timeMs: number
}

/**
 * Events of a busy innocent host, as the JSON array of a batch: of ten, four programs start, three end, two connections open
 * and one closes. Command lines, pids and addresses differ, since what repeats is cheap to store and to judge. Written as
 * text at once: to make objects of them and text of those would cost more than all else that a load test does.
 */
export function generatedEvents(batch: GeneratedBatch): string {
  const { from, count } = batch
  if (count < 1 || count > MAX_BATCH_EVENTS) throw new RangeError(`a batch of ${count} events`)
  const time = Math.round(batch.timeMs)
  const user = '"user":{"uid":"1000","name":"build"}'
  const entity = (pid: number, name: string, path: string, cmd: string) =>
    `"uid":"0badcafe-${pid}-${pid * 7}","pid":${pid},"name":"${name}","path":"${path}","cmd_line":"${cmd}",${user},"created_time":${time}`
  const shell = `{${entity(900, 'bash', '/usr/bin/bash', '-bash')}}`
  const init = `{${entity(1, 'systemd', '/usr/lib/systemd/systemd', '/sbin/init')}}`
  const tail =
    `"device":{"uid":${JSON.stringify(batch.agent)},"hostname":${JSON.stringify(batch.hostname)}},"severity_id":1,` +
    `"metadata":{"version":"1.8.0","log_provider":"${LOAD_PROVIDER}","logged_time":${time}}`
  let text = '['
  for (let n = from; n < from + count; n += 1) {
    const name = programs[n % programs.length] ?? 'bash'
    const path = `/usr/bin/${name}`
    const pid = 2000 + (n % 30_000)
    const makePid = 1000 + (n % 50)
    const make = `{${entity(makePid, 'make', '/usr/bin/make', 'make -j4 all')}}`
    const cmd = `${name} --job ${n} --input /srv/data/${n % 977}/part-${n}.json`
    const hash = (n % programs.length).toString(16).repeat(64)
    const process =
      `"process":{${entity(pid, name, path, cmd)},"file":{"path":"${path}","name":"${name}","hashes":` +
      `[{"algorithm":"SHA-256","algorithm_id":3,"value":"${hash}"}]},"working_directory":"/srv/data",` +
      `"parent_process":${make},"ancestry":[${make},${shell},${init}],"cgroup":"/system.slice/build.service"}`
    const head = `${n === from ? '' : ','}{"id":"${batch.agent}-${batch.run}-${n}","time":${time},${tail},`
    const place = n % 10
    if (place < 4)
      text += `${head}"kind":"process","class_uid":1007,"activity":"launch",${process},"message":"make started ${cmd}"}`
    else if (place < 7)
      text += `${head}"kind":"process","class_uid":1007,"activity":"terminate",${process},"exit_code":0,"message":"${name} ended with status 0"}`
    else {
      const to = `10.1.${n % 250}.${(n >> 3) % 250}`
      text +=
        `${head}"kind":"network","class_uid":4001,"activity":"${place === 9 ? 'close' : 'open'}","protocol":"tcp","direction":"outbound",` +
        `"src_endpoint":{"ip":"10.0.0.5","port":${20_000 + (n % 40_000)}},"dst_endpoint":{"ip":"${to}","port":${n % 3 === 0 ? 5432 : 443}},` +
        `${process},"message":"${name} connected to ${to}"}`
    }
  }
  return `${text}]`
}
