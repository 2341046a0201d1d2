import type { Clock } from '@vedette/base'
import { Command, CommanderError } from 'commander'
import { createAction, withCommonOptions } from './command.ts'
import { commands } from './commands/index.ts'
import { exitCodeHelp, type ExitCode, exitCodes } from './exit-codes.ts'
import { createStyle } from './format/style.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** The whole command line, ready to parse. */
export function createProgram(
  terminal: Terminal,
  clock: Clock,
  signal: AbortSignal,
  finish: (code: ExitCode) => void,
): Command {
  const style = createStyle(terminal.colour)
  const program = new Command('vedette')
    .description('Watches this machine from the kernel up, detects attacks and answers them safely')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(true)
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(style.bad(text.replace(/^error: /, 'vedette: '))),
    })
    .exitOverride()
    .addHelpText('after', `\n${exitCodeHelp}`)
  withCommonOptions(program)
  const action = createAction(terminal, clock, signal, finish)
  for (const command of commands) command.define(program, action)
  eachLeaf(program, (leaf) => {
    withCommonOptions(leaf)
  })
  return program
}

function eachLeaf(command: Command, visit: (leaf: Command) => void): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    if (child.commands.length === 0) visit(child)
    else eachLeaf(child, visit)
  }
}

/**
 * Runs one command line to its end.
 *
 * @param args without the program's name
 * @returns the exit code; every error has been told on standard error
 */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  clock: Clock,
  signal: AbortSignal,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = createProgram(terminal, clock, signal, (done) => {
    code = done
  })
  try {
    if (args[0] === 'completion' || args[0] === 'complete') {
      const { addCompletion } = await import('./completion.ts')
      addCompletion(program)
    }
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return tell(error, terminal, args.includes('--json'))
  }
}

/** Tells an error to the person (or, with `json`, to the program) and gives its exit code. */
async function tell(error: unknown, terminal: Terminal, json: boolean): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    // Help and version end the parse in the same way as a fault does; commander has written all of them already.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  const { explain } = await import('./explain.ts')
  const told = explain(error)
  if (json) {
    const { code, message, hint } = told
    terminal.err(`${JSON.stringify({ error: { code, message, ...(hint !== undefined && { hint }) } })}\n`)
  } else {
    const style = createStyle(terminal.colour)
    terminal.err(`${style.bad(`vedette: ${told.message}`)}\n`)
    if (told.hint !== undefined) terminal.err(`${told.hint}\n`)
  }
  return told.exitCode
}
