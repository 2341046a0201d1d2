import type { Clock } from '@vedette/base'
import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { createStyle, type Style } from './format/style.ts'
import { chooseHome, type HomePaths, homePaths } from './home.ts'
import type { Terminal } from './terminal.ts'

/** What a command gets to work with. */
export interface Invocation {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly style: Style
  readonly paths: HomePaths
  /** One JSON document (or one object a line for streams) on standard output, and nothing else there. */
  readonly json: boolean
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

/** Does a command's work. Throws a `CliError` to end with a message; what it returns is the exit code, 0 by default. */
export type Run<Options, Arguments extends readonly unknown[] = []> = (
  invocation: Invocation,
  options: Options,
  ...args: Arguments
) => Promise<ExitCode | void>

/** Joins a command's flags with its work, which is imported when the command is given and not earlier. */
export type Action = <Options, Arguments extends readonly unknown[] = []>(
  load: () => Promise<Run<Options, Arguments>>,
) => (this: Command, ...args: unknown[]) => Promise<void>

/** A command: a folder with `index.ts` (name, flags, help) and `run.ts` (work), and one line in `commands/index.ts`. */
export interface CommandDefinition {
  define(program: Command, action: Action): void
}

/** Adds `--home` and `--json`, which every command has. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--home <dir>', 'folder of the instance (default: VEDETTE_HOME or the usual place)'),
    )
    .addOption(new Option('--json', 'machine-readable output'))
}

/** @param finish told the exit code once the work is done */
export function createAction(
  terminal: Terminal,
  clock: Clock,
  signal: AbortSignal,
  finish: (code: ExitCode) => void,
): Action {
  return (load) =>
    async function run(this: Command, ...args: unknown[]) {
      const options = this.optsWithGlobals<{ home?: string; json?: boolean }>()
      const invocation: Invocation = {
        terminal,
        clock,
        style: createStyle(terminal.colour),
        paths: homePaths(chooseHome(options.home, terminal.env, terminal.uid)),
        json: options.json ?? false,
        signal,
      }
      const work = await load()
      // Commander hands over the positional arguments, then the options, then the command. Their shapes are those that
      // the flags beside this `load` declare.
      const positional = args.slice(0, this.registeredArguments.length)
      const done = await (work as Run<unknown, readonly unknown[]>)(invocation, options, ...positional)
      finish(done ?? 0)
    }
}
