import { InvalidArgumentError } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

const DURATION = /^(\d{1,5})\s*(s|m|min|h)$/
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 }
const MAX_SECONDS = 3600

/** Seconds of `30s`, `10m`, `1h`. */
function seconds(text: string): number {
  const [, number, unit] = DURATION.exec(text) ?? []
  const found = Number(number) * (SECONDS[unit ?? ''] ?? 0)
  if (!(found >= 1 && found <= MAX_SECONDS)) {
    throw new InvalidArgumentError('Expected 1s to 1h, such as 30s or 10m.')
  }
  return found
}

export const loadTest: CommandDefinition = {
  define(program, action) {
    program
      .command('load-test')
      .description('measure how many events a server of yours takes, and that it keeps each of them')
      .option('--agents <number>', 'as so many agents', wholeNumber(1, 1000), 10)
      .option('--rate <number>', 'events a second, of all of them together', wholeNumber(1, 200_000), 1000)
      .option('--duration <time>', 'for so long, at most 1h', seconds, 30)
      .option('--heartbeats-only', 'no events: only what agents tell of themselves')
      .option('--heartbeat <time>', 'each agent tells of itself so often', seconds, 10)
      .option('--processes <number>', 'send from so many processes', wholeNumber(1, 16), 1)
      .option('--server <url>', 'where its agents come to, such as https://HOST:8443 (default: what it says)')
      .option('--dry-run', 'say what would be done, and do nothing')
      .addHelpText(
        'after',
        `
It goes to the server of this home (--home) and needs its operator's right: agents are enrolled there as any other is, send
events of a busy innocent host over TLS 1.3 with their certificates, and are removed again. Then the server is asked for every
event. The server needs api.agents_listen.

Try it on a server that nobody relies on: what is sent is stored, as events of hosts named load-test-..., until their days
are over. Exit code 1: an event that was acknowledged is not there, or is there twice.`,
      )
      .action(action(async () => (await import('./run.ts')).loadTest))
  },
}
