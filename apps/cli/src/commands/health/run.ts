import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const healthQuery = graphql(`
  query Health {
    system_health {
      status
      checks {
        name
        status
        value
        message
      }
    }
  }
`)

export async function health(invocation: Invocation): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const { system_health: answer } = await client.query(healthQuery)
  const code = answer.status === 'healthy' ? exitCodes.ok : exitCodes.failure
  if (invocation.json) {
    printJson(invocation, answer)
    return code
  }
  const { style } = invocation
  const paint = (status: string) =>
    (({ healthy: style.good, degraded: style.warn })[status] ?? style.bad)(safe(status))
  printLine(invocation, paint(answer.status))
  printTable(
    invocation,
    [{ title: 'CHECK' }, { title: 'STATUS' }, { title: 'VALUE' }, { title: 'MESSAGE', flexible: true }],
    answer.checks.map(({ name, status, value, message }) => [
      safe(name),
      paint(status),
      safe(value ?? ''),
      safe(message),
    ]),
  )
  return code
}
