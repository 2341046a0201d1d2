import type { CommandDefinition } from '../../command.ts'

export const monitor: CommandDefinition = {
  define(program, action) {
    program
      .command('monitor')
      .description('a live screen: rates, alerts, hosts, losses; q leaves it')
      .action(action(async () => (await import('../../monitor/monitor.ts')).monitor))
  },
}
