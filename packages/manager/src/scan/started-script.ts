import { readSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { readArguments } from '@vedette/linux'
import type { Process } from '@vedette/model'

/** A file that an interpreter may have been started for. */
export interface StartedScript {
  /** As the process sees it. */
  readonly path: string
  /** Where it is opened: for a process in a container through its root. */
  readonly place: string
  /** Whether it is a script only if its first line names the program that runs (`#!`). */
  readonly mustNameProgram: boolean
  /** The program as it was called. */
  readonly program: string
}

/** Programs that run the file that they are given. */
const SHELL = /^(?:(?:ba|da|z|k|mk|pdk|a|fi|tc|c)?sh|busybox)$/
const INTERPRETER =
  /^(?:python|pypy|perl|ruby|node|nodejs|deno|bun|php|php-cgi|lua|luajit|tclsh|wish|expect|Rscript|pwsh|guile)[\d.-]*$/
/** Options after which no file comes, but the program itself or the name of a module: `-ec` and `-s` of a shell. */
const NO_FILE_OF_SHELL = /^-$|^-[a-zA-Z]*[cs]/
const NO_FILE = /^(?:-|-[ceEmpr]|--eval|--print|--command|-Command|-EncodedCommand)$/
/** Where the kernel puts a script: behind the interpreter and what else its first line says. */
const FIRST = [1, 2]

/**
 * Files that a process may be the interpreter of, at most three. For `./x.sh` the kernel starts what its first line names,
 * with the script behind it (execve(2), "Interpreter scripts"); `bash x.sh` is the same by hand.
 */
export function scriptsOf(process: Process): readonly StartedScript[] {
  const argv = argumentsOf(process)
  const [program = ''] = argv
  if (argv.length < 2 || program === '') return []
  const found = new Map<string, StartedScript>()
  const add = (argument: string | undefined, mustNameProgram: boolean) => {
    const path = argument === undefined ? undefined : absolute(argument, process)
    if (path === undefined || found.get(path)?.mustNameProgram === false) return
    const place = process.container === undefined ? path : `/proc/${process.pid}/root${path}`
    found.set(path, { path, place, mustNameProgram, program })
  }
  const executable = process.path ?? ''
  const name = executable.slice(executable.lastIndexOf('/') + 1)
  if (SHELL.test(name)) add(firstFile(argv, NO_FILE_OF_SHELL), false)
  else if (INTERPRETER.test(name)) add(firstFile(argv, NO_FILE), false)
  // As the kernel starts it, by the path in the first line.
  if (program.startsWith('/')) for (const place of FIRST) add(argv[place], true)
  return [...found.values()]
}

/** Whether an open file is such a script. */
export function startsScript({ mustNameProgram, program }: StartedScript, descriptor: number): boolean {
  if (!mustNameProgram) return true
  const bytes = Buffer.alloc(256)
  let length: number
  try {
    length = readSync(descriptor, bytes, 0, bytes.length, 0)
  } catch {
    return false
  }
  const line = /^#![ \t]*([^ \t\n]+)/.exec(bytes.toString('utf8', 0, length))
  return line?.[1] === program
}

/** As they were given, where the process still has them; else the words of its command line. */
function argumentsOf({ pid, cmd_line: line = '' }: Process): readonly string[] {
  const { argv } = readArguments(pid)
  const [first] = argv
  return first !== undefined && first !== '' && line.startsWith(first) ? argv : line.split(' ')
}

function firstFile(argv: readonly string[], noFile: RegExp): string | undefined {
  for (const argument of argv.slice(1)) {
    if (noFile.test(argument)) return undefined
    if (!argument.startsWith('-') && !argument.startsWith('+')) return argument
  }
  return undefined
}

function absolute(argument: string, { working_directory: folder }: Process): string | undefined {
  if (argument === '' || argument.startsWith('-') || argument.includes('\0') || argument.length > 4096)
    return undefined
  if (isAbsolute(argument)) return join(argument)
  return folder === undefined || !isAbsolute(folder) ? undefined : join(folder, argument)
}
