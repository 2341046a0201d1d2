import { listPids, type ProcessInfo, readProcess } from '@vedette/linux'
import type { ProcessReader } from '../../enrichers/process-tree/process-tree.ts'
import { type ImageContext, imageOf, type ProgramFacts } from './program-image.ts'

/** Reads processes from the /proc of this machine. */
export function createProcReader(context: ImageContext): ProcessReader {
  return {
    list: listPids,
    read(pid) {
      const info = readProcess(pid)
      if (info === undefined) return undefined
      const { ppid, startTicks } = info
      return { pid: info.pid, ppid, startTicks, image: imageOf(factsOf(info), context) }
    },
  }
}

function factsOf(info: ProcessInfo): ProgramFacts {
  return {
    pid: info.pid,
    executable: info.executable,
    taskName: info.name,
    argv: info.argv,
    uid: info.uid,
    euid: info.euid === info.uid ? undefined : info.euid,
    loginUid: info.loginUid,
    workingDirectory: info.workingDirectory,
    inode: info.executableFile?.inode,
    deleted: info.executableDeleted ?? false,
    cgroupPath: info.cgroupPath,
  }
}
