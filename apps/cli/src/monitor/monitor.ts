import { graphql } from '@vedette/client'
import { render } from 'ink'
import { createElement } from 'react'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { connect, readEndpoint } from '../connection.ts'
import { exitCodes } from '../exit-codes.ts'
import { type Picture, pictureQuery } from './picture.ts'
import { Screen } from './screen.ts'

const REFRESH_MS = 1000

const alertSignal = graphql(`
  subscription MonitorAlerts {
    newAlerts {
      id
    }
  }
`)

/** `vedette monitor`: read anew every second and at each new alert, until q or Ctrl-C. */
export async function monitor(invocation: Invocation): Promise<void> {
  const { paths, terminal, clock, signal } = invocation
  if (!terminal.interactive || invocation.json) {
    throw new CliError(
      'no-terminal',
      exitCodes.usage,
      'The monitor needs a terminal to draw on',
      "For programs there are 'vedette status --json' and 'vedette events --follow --json'",
    )
  }
  const { url } = readEndpoint(paths)
  using client = connect(paths, { retryAttempts: Number.POSITIVE_INFINITY })
  const quit = new AbortController()
  const over = AbortSignal.any([signal, quit.signal])
  // The first picture is awaited: a server that is away is told as an error and not as a screen.
  let picture: Picture | undefined = await client.query(pictureQuery)
  let trouble: string | undefined
  const draw = () =>
    createElement(Screen, { picture, url, trouble, nowMs: clock.now(), onQuit: () => quit.abort() })
  // The terminal was asked for above; Ink by itself would also stay silent wherever the variable CI is set.
  const screen = render(draw(), { exitOnCtrlC: false, alternateScreen: true, interactive: true })
  const refresh = async () => {
    try {
      picture = await client.query(pictureQuery)
      trouble = undefined
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error)
    }
    if (!over.aborted) screen.rerender(draw())
  }
  const timer = setInterval(() => void refresh(), REFRESH_MS)
  const live = (async () => {
    for await (const _ of client.subscribe(alertSignal, {}, over)) await refresh()
  })().catch(() => undefined)
  await new Promise<void>((resolve) => {
    if (over.aborted) resolve()
    else over.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(timer)
  const left = screen.waitUntilExit()
  screen.unmount()
  await left
  await live
}
