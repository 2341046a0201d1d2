import { Link } from '@tanstack/react-router'
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react'
import { useRowWindow } from '../../parts/window.ts'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { AlertColumns, AlertLine } from './alert-line.tsx'
import type { AlertQueue, QueueState } from './alert-queue.ts'
import type { Line } from './stories.ts'

const STORY_PX = 35
const ALERT_PX = 38
/** Older alerts are read when so few lines are left below. */
const AHEAD = 40

/** What the keys do with the table. */
export interface TableHandle {
  /** Moves the cursor by so many alerts and takes the focus there. */
  move(step: number): void
  /** Takes the focus to the cursor. */
  focus(): void
}

/** The lines of a queue; of a long list only those that can be seen are on the page. */
export function AlertTable({
  queue,
  state,
  lines,
  mayAct,
  ref,
}: {
  readonly queue: AlertQueue
  readonly state: QueueState
  readonly lines: readonly Line[]
  readonly mayAct: boolean
  readonly ref: Ref<TableHandle>
}) {
  const wantsFocus = useRef(false)
  const { list, top, virtualizer } = useRowWindow(
    lines.length,
    (at) => (lines[at]?.kind === 'story' ? STORY_PX : ALERT_PX),
    (at) => lines[at]?.key ?? at,
  )
  const items = virtualizer.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0

  useEffect(() => {
    if (lastShown >= lines.length - AHEAD) void queue.loadMore()
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- when one page was read the next may be wanted
  }, [lastShown, lines.length, queue, state.loading])

  useEffect(() => {
    if (!wantsFocus.current || state.cursor === undefined) return
    const link = list.current?.querySelector<HTMLElement>(`[data-alert="${CSS.escape(state.cursor)}"]`)
    if (!link) return
    wantsFocus.current = false
    link.focus({ preventScroll: true })
  })

  const move = (step: number) => {
    const alerts = lines.flatMap((line, at) => (line.kind === 'alert' ? [{ id: line.alert.id, at }] : []))
    const now = alerts.findIndex(({ id }) => id === state.cursor)
    const next =
      alerts[
        now < 0 ? (step > 0 ? 0 : alerts.length - 1) : Math.max(0, Math.min(now + step, alerts.length - 1))
      ]
    if (!next) return
    wantsFocus.current = true
    queue.point(next.id)
    // With the first alert of a story its heading comes into view.
    const heading = lines[next.at - 1]?.kind === 'story' && step < 0
    virtualizer.scrollToIndex(heading ? next.at - 1 : next.at, { align: 'auto' })
  }

  useImperativeHandle(ref, () => ({
    move,
    focus: () => {
      wantsFocus.current = true
      const at = lines.findIndex((line) => line.kind === 'alert' && line.alert.id === state.cursor)
      const link = list.current?.querySelector<HTMLElement>(
        `[data-alert="${CSS.escape(state.cursor ?? '')}"]`,
      )
      if (link) link.focus({ preventScroll: true })
      else if (at >= 0) virtualizer.scrollToIndex(at, { align: 'center' })
    },
  }))

  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus, jsx-a11y/no-noninteractive-element-interactions -- its links have the focus
    <div
      ref={list}
      className="list"
      role="table"
      aria-label="Alerts"
      aria-rowcount={state.more ? -1 : lines.length + 1}
      aria-busy={state.loading}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return
        if (event.key === 'ArrowDown') move(1)
        else if (event.key === 'ArrowUp') move(-1)
        else return
        event.preventDefault()
      }}
    >
      <AlertColumns />
      <div role="rowgroup" className="virtual" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {items.map(({ index, start, key }) => {
          const line = lines[index]
          if (!line) return null
          const style = { transform: `translateY(${start - top}px)` }
          if (line.kind === 'story') {
            return (
              <div key={key} role="row" className="story-line" style={style} aria-rowindex={index + 2}>
                <span role="cell" aria-colspan={7}>
                  <StoryTitle line={line} />
                </span>
              </div>
            )
          }
          const { alert } = line
          return (
            <AlertLine
              key={key}
              alert={alert}
              hangs={line.hangs}
              current={alert.id === state.cursor}
              selected={state.selected.has(alert.id)}
              onSelect={mayAct ? () => queue.toggle(alert.id) : undefined}
              onFocus={() => queue.point(alert.id)}
              style={style}
              index={index + 1}
            />
          )
        })}
      </div>
    </div>
  )
}

function StoryTitle({ line }: { readonly line: Line & { kind: 'story' } }) {
  if (!line.incident) {
    return <b>{line.continued ? 'Alone, earlier' : 'Alone'}</b>
  }
  return (
    <>
      <Link to="/incidents/$id" params={{ id: line.incident.id }}>
        <RawText text={line.incident.title} />
      </Link>
      <span>
        {plural(line.alerts, line.continued ? 'earlier alert' : 'alert')}
        {line.oneTree && ', one process tree'}
      </span>
    </>
  )
}
