import type { Command } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

const collect = (value: string, before: readonly string[] = []) => [...before, value]

/** What a change of a group may say. */
function withChange(command: Command): Command {
  return command
    .argument('<group>')
    .option('--set <key=value>', 'a setting and its value as YAML, such as yara.workers=2', collect)
    .option('--unset <key>', 'the setting is said no more', collect)
    .option(
      '--content <version>',
      "rules, as 'vedette fleet content list' names them; 0 for none",
      wholeNumber(0, 1e9),
    )
    .option('--agent-version <version>', 'version of Vedette that its agents should be; empty for none')
}

export const fleet: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('fleet')
      .description('groups of agents: settings, rules and versions, rolled out step by step')

    group
      .command('groups')
      .description('all groups, and what is under way in them')
      .action(action(async () => (await import('./groups.ts')).list))
    group
      .command('group')
      .description('add a group, or change who is in it; what is left out stays')
      .argument('<group>')
      .option('--rank <number>', 'where an agent fits several, the lowest has it', wholeNumber(0, 10_000))
      .option('--host <pattern>', 'host names, * stands for anything', collect)
      .option('--label <key=value>', 'agents with this label', collect)
      .option('--member <agent>', 'this very agent, by id or host name', collect)
      .option('--remove', 'remove the group')
      .action(action(async () => (await import('./groups.ts')).change))
    group
      .command('label')
      .description('set labels of an agent; key= takes one away')
      .argument('<agent>', 'its id, an unmistakable beginning of it, or its host name')
      .argument('<labels...>', 'such as env=prod')
      .action(action(async () => (await import('./groups.ts')).label))

    group
      .command('config')
      .description('every value that holds on a host, and where it comes from')
      .argument('<agent>', 'its id, an unmistakable beginning of it, or its host name')
      .option('--assigned', 'only what comes from its group')
      .action(action(async () => (await import('./agents.ts')).config))
    group
      .command('settings')
      .description('what may be set on agents from here')
      .action(action(async () => (await import('./agents.ts')).settings))
    group
      .command('versions')
      .description('which version each agent is, and which it should be')
      .action(action(async () => (await import('./agents.ts')).versions))

    withChange(
      group.command('diff').description('what a change of a group would do; nothing is done'),
    ).action(action(async () => (await import('./roll-out.ts')).diff))
    withChange(
      group
        .command('roll-out')
        .description(
          'change a group: 1, 10, then 100 % of it; stops and takes back when more than 1 % are bad',
        ),
    )
      .option('--hold <seconds>', 'each step has to be good for so long', wholeNumber(0, 604_800), 60)
      .option('--yes', 'do it; without this it is only shown')
      .action(action(async () => (await import('./roll-out.ts')).rollOut))
    group
      .command('roll-outs')
      .description('what was rolled out, newest first')
      .argument('[group]')
      .action(action(async () => (await import('./roll-out.ts')).list))
    group
      .command('stop')
      .description('stop what is under way; who has it gets back what was there before')
      .argument('<group>')
      .requiredOption('--reason <text>', 'for those who come later')
      .action(action(async () => (await import('./roll-out.ts')).stop))
    group
      .command('roll-back')
      .description('give a group what an earlier revision had, at once')
      .argument('<group>')
      .option('--to <revision>', 'the one before by default', wholeNumber(1, 1e9))
      .option('--yes', 'do it; without this it is only shown')
      .action(action(async () => (await import('./roll-out.ts')).rollBack))

    const content = group.command('content').description('YARA rules for agents, in versions')
    content
      .command('list')
      .description('newest first')
      .action(action(async () => (await import('./content.ts')).list))
    content
      .command('publish')
      .description('keep the .yar and .yara files of a folder as the next version; no agent gets it by that')
      .argument('<folder>')
      .option('--indicators', 'also a rule for each indicator that names a file by its SHA-256')
      .action(action(async () => (await import('./content.ts')).publish))
  },
}
