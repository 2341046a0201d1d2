import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** Adds `vedette completion SHELL`, which prints the script, and the hidden command that such a script calls. */
export function addCompletion(program: Command): void {
  const placeholder = program.commands.findIndex((command) => command.name() === 'completion')
  if (placeholder >= 0) (program.commands as Command[]).splice(placeholder, 1)
  tab(program, { completionCommandName: 'completion' })
}
