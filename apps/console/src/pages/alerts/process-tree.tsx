import { Link } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import type { TreeNode } from '../../api/documents.ts'
import { useRowWindow } from '../../parts/window.ts'
import { RawText } from '../../text/raw-text.tsx'
import { type Mark, visibleText } from '../../text/hidden.ts'
import { Clock } from '../../time/time.tsx'

const ROW_PX = 34
/** More rows than this are not all on the page at once. */
const ALL_AT_ONCE = 300
/** Deeper than this the lines on the left stop growing. */
const DEEPEST = 14
const STEP_PX = 18

const SIGNS: Readonly<Record<string, { sign: string; word: string }>> = {
  network: { sign: '↗', word: 'connection' },
  file: { sign: '≡', word: 'file' },
}

/** The process that an alert is about, as it was then: it may have become another program since. */
export interface Subject {
  readonly uid: string
  readonly name: string
  readonly commandLine: string
  readonly marks: readonly Mark[]
}

/** How it came about: reads downwards in time; files and connections hang under their process. */
export function ProcessTree({
  nodes,
  alertId,
  subject,
}: {
  readonly nodes: readonly TreeNode[]
  readonly alertId: string
  readonly subject?: Subject | undefined
}) {
  return (
    <div className="list tree" role="table" aria-label="How it came about" aria-rowcount={nodes.length + 1}>
      <div role="row" className="visually-hidden">
        {['Time', 'Process', 'User', 'Process id'].map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {nodes.length > ALL_AT_ONCE ? (
        <Windowed nodes={nodes} alertId={alertId} subject={subject} />
      ) : (
        <div role="rowgroup">
          {nodes.map((node, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- the order is the node's place in time
            <Row key={at} node={node} index={at} alertId={alertId} subject={subject} />
          ))}
        </div>
      )}
    </div>
  )
}

function Windowed({
  nodes,
  alertId,
  subject,
}: {
  readonly nodes: readonly TreeNode[]
  readonly alertId: string
  readonly subject: Subject | undefined
}) {
  const { list, top, virtualizer } = useRowWindow(nodes.length, () => ROW_PX)
  return (
    <div ref={list} role="rowgroup" className="virtual" style={{ height: `${virtualizer.getTotalSize()}px` }}>
      {virtualizer.getVirtualItems().map(({ index, start }) => {
        const node = nodes[index]
        const style = { transform: `translateY(${start - top}px)` }
        return (
          node && (
            <Row key={index} node={node} index={index} alertId={alertId} subject={subject} style={style} />
          )
        )
      })}
    </div>
  )
}

function Row({
  node,
  index,
  alertId,
  subject,
  style,
}: {
  readonly node: TreeNode
  readonly index: number
  readonly alertId: string
  readonly subject: Subject | undefined
  readonly style?: CSSProperties
}) {
  const { kind, process, text, is_subject: hit, ended, time, depth } = node
  const leaf = SIGNS[kind]
  const then = !leaf && hit && subject?.uid === process.uid ? subject : undefined
  const name = then?.name ?? process.name
  const command = leaf ? (text ?? '') : (then?.commandLine ?? process.cmd_line ?? '')
  const marks = then?.marks ?? node.marks
  const bare = !leaf && (command === '' || command === name)
  const became = then && then.name !== process.name ? process.name : undefined
  const indent = Math.min(depth, DEEPEST) * STEP_PX
  const other = node.alert_id !== null && node.alert_id !== alertId ? node.alert_id : undefined
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={['tree-row', hit && 'hit', leaf && 'leaf', ended && 'ended'].filter(Boolean).join(' ')}
      style={style}
    >
      <span role="cell" className="tree-time">
        {time !== null && <Clock at={time} />}
      </span>
      <span role="cell" className="tree-process">
        <i className="level" style={{ width: `${indent}px` }} aria-hidden="true" />
        {depth > DEEPEST && <small title={`${depth} levels deep`}>+{depth - DEEPEST}</small>}
        {leaf ? (
          <i className="node" aria-hidden="true">
            {leaf.sign}
          </i>
        ) : (
          <i className="node" aria-hidden="true" title={ended ? 'has ended' : undefined} />
        )}
        {leaf ? (
          <span className="visually-hidden">{leaf.word}: </span>
        ) : (
          <strong title={visibleText(process.path ?? process.name)}>
            <RawText text={name} marks={bare ? marks : []} />
            {hit && <span className="visually-hidden"> (the alert is about this process)</span>}
          </strong>
        )}
        {!bare && (
          <code title={visibleText(command)}>
            <RawText text={command} marks={marks} />
          </code>
        )}
        {became !== undefined && (
          <small className="became">
            then <RawText text={became} />
          </small>
        )}
        {kind === 'network' && (
          <Link
            to="/network"
            search={{ process: process.uid, range: 'all' }}
            className="tree-alert"
            title="All that this process did on the network"
          >
            flows
          </Link>
        )}
        {other !== undefined && (
          <Link
            to="/alerts/$id"
            params={{ id: other }}
            className="tree-alert"
            title="Another alert is about this"
          >
            alert
          </Link>
        )}
      </span>
      <span role="cell" className="tree-user">
        {!leaf && process.user !== null && <RawText text={process.user} />}
      </span>
      <span role="cell" className="tree-pid">
        {!leaf && process.pid}
      </span>
    </div>
  )
}
