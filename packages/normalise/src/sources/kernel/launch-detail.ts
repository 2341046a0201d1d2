import { resolve } from 'node:path/posix'
import type { ExecRecord, Process } from '@vedette/model'
import { baseName, boundedText } from '../../bounded-text.ts'

const LONGEST_NAME = 256
const LONGEST_VALUE = 1024

type LaunchDetail = Pick<
  Process,
  | 'tty'
  | 'script'
  | 'environment_variables'
  | 'environment_truncated'
  | 'clone_flags'
  | 'capabilities'
  | 'namespaces'
>

/**
 * What only the event of a launch carries: others of the process would repeat it for nothing.
 *
 * @param cloneFlags by which the process was made, where they are known and out of the ordinary
 */
export function launchDetail(record: ExecRecord, cloneFlags: readonly string[] | undefined): LaunchDetail {
  const { tty, script, environment, capabilities, namespaces } = record
  return {
    ...(tty !== undefined && { tty: boundedText(tty, 64) }),
    ...(script !== undefined && { script: scriptFile(script, record.workingDirectory) }),
    ...(environment !== undefined && {
      environment_variables: environment.map(({ name, value }) => ({
        name: boundedText(name, LONGEST_NAME),
        ...(value !== undefined && { value: boundedText(value, LONGEST_VALUE) }),
      })),
    }),
    ...(record.environmentTruncated === true && { environment_truncated: true }),
    ...(cloneFlags !== undefined && { clone_flags: cloneFlags }),
    ...(capabilities !== undefined && { capabilities: capabilities.effective }),
    ...(namespaces !== undefined && { namespaces }),
  }
}

/** As the program gave it, from where it was started; what the interpreter is handed is a descriptor for some. */
function scriptFile(script: string, workingDirectory: string | undefined): NonNullable<Process['script']> {
  const path = boundedText(
    script.startsWith('/') || workingDirectory === undefined ? script : resolve(workingDirectory, script),
  )
  return { path, name: baseName(path) }
}
