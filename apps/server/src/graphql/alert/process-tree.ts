import type { Alert, AlertId, Event, EventId, Match, ProcessEntity, ProcessUid } from '@vedette/model'
import { fileWords, findingWords, networkWords } from '../event/summary.ts'

/** A part of a text, in UTF-16 units. */
export interface Mark {
  readonly start: number
  readonly length: number
}

/** One line of a process tree: a process, or what one did. */
export interface TreeNode {
  readonly kind: 'process' | 'network' | 'file'
  readonly depth: number
  readonly time: number | undefined
  readonly process: ProcessEntity
  readonly text: string | undefined
  readonly isSubject: boolean
  readonly marks: readonly Mark[]
  readonly alert: AlertId | undefined
  readonly event: EventId | undefined
  readonly ended: boolean
}

/** Most nodes of a tree that is shown. */
export const MAX_NODES = 500

interface Branch {
  readonly entity: ProcessEntity
  readonly deeds: Event[]
  readonly children: Branch[]
  launch: Event | undefined
  ended: boolean
  parent: Branch | undefined
}

/**
 * The tree around an alert: its ancestors, the process itself, what they started, and the connections and files of each
 * under it; downwards in order of time. At most `maxNodes`: the ancestors, the subject, what matched and what the subject
 * did come first, then what is nearest in time.
 *
 * @param events of the processes of the tree, in any order; those of the alert itself are added
 * @param alertsOf other alerts, by the process that they are about
 */
export function processTree(
  alert: Alert,
  events: readonly Event[],
  alertsOf: ReadonlyMap<ProcessUid, AlertId> = new Map(),
  maxNodes = MAX_NODES,
): TreeNode[] {
  if (!alert.process) return []
  const branches = grow(alert, events)
  const roots = [...branches.values()].filter((branch) => !branch.parent)
  const kept = choose(alert, branches, maxNodes)
  const nodes: TreeNode[] = []
  for (const root of roots.sort(byTime)) walk(root, 0, nodes)
  return nodes

  function walk(branch: Branch, depth: number, into: TreeNode[]): void {
    if (!kept.has(branch)) return
    into.push(processNode(branch, depth))
    const below = [
      ...branch.children.map((child) => ({ time: timeOf(child), child, deed: undefined })),
      ...branch.deeds.map((deed) => ({ time: deed.time, child: undefined, deed })),
    ].sort((a, b) => a.time - b.time)
    for (const { child, deed } of below) {
      if (child) walk(child, depth + 1, into)
      else if (deed && kept.has(deed)) into.push(deedNode(deed, branch, depth + 1))
    }
  }

  function processNode({ entity, launch, ended }: Branch, depth: number): TreeNode {
    const isSubject = entity.uid === alert.process?.uid
    return {
      kind: 'process',
      depth,
      time: entity.created_time ?? launch?.time,
      process: entity,
      text: undefined,
      isSubject,
      marks: marksIn(entity.cmd_line ?? '', matchesOf(launch, isSubject)),
      alert: isSubject ? alert.id : alertsOf.get(entity.uid),
      event: launch?.id,
      ended,
    }
  }

  function deedNode(deed: Event, { entity, ended }: Branch, depth: number): TreeNode {
    const text = wordsOf(deed)
    return {
      kind: deed.kind === 'network' ? 'network' : 'file',
      depth,
      time: deed.time,
      process: entity,
      text,
      isSubject: false,
      marks: marksIn(text, matchesOf(deed, false)),
      alert: alert.events.some(({ id }) => id === deed.id) ? alert.id : undefined,
      event: deed.id,
      ended,
    }
  }

  /** Matches of a node's event; the subject also shows those of events that have no line of their own. */
  function matchesOf(event: Event | undefined, isSubject: boolean): readonly Match[] {
    return alert.matches.filter(
      (match) => match.event === event?.id || (isSubject && match.field.startsWith('process.')),
    )
  }
}

/** Joins entities and events to branches that know their parents. */
function grow(alert: Alert, events: readonly Event[]): Map<ProcessUid, Branch> {
  const branches = new Map<ProcessUid, Branch>()
  const branchOf = (entity: ProcessEntity): Branch => {
    const known = branches.get(entity.uid)
    if (known) return known
    const branch: Branch = {
      entity,
      deeds: [],
      children: [],
      launch: undefined,
      ended: false,
      parent: undefined,
    }
    branches.set(entity.uid, branch)
    return branch
  }
  const join = (child: Branch, parent: Branch): void => {
    if (child.parent || child === parent || isBelow(parent, child)) return
    child.parent = parent
    parent.children.push(child)
  }

  const { process } = alert
  if (!process) return branches
  const line = [process, ...(process.ancestry ?? [])]
  line.forEach((entity, i) => {
    const above = line[i + 1]
    const branch = branchOf(entity)
    if (above) join(branch, branchOf(above))
  })

  const seen = new Set<EventId>()
  const said = new Set<string>()
  const byTimeThenLaunch = [...alert.events, ...events].sort((a, b) => a.time - b.time)
  // Starts first: a deed needs the process that it hangs under, and a start tells it best.
  for (const event of byTimeThenLaunch) {
    if (event.kind !== 'process' || seen.has(event.id)) continue
    seen.add(event.id)
    const { parent_process: parent, ...entity } = event.process
    if (event.activity === 'terminate') {
      const ended = branches.get(entity.uid)
      if (ended) ended.ended = true
      continue
    }
    const branch = better(branchOf(entity), entity, branches)
    // A process that starts one program after another is one branch; the last one is what it is now.
    branch.launch = event
    const above = parent ?? entity.ancestry?.[0]
    if (above) join(branch, branchOf(above))
  }
  for (const event of byTimeThenLaunch) {
    if (event.kind !== 'network' && event.kind !== 'file' && event.kind !== 'finding') continue
    const branch = event.process && branches.get(event.process.uid)
    if (!branch || seen.has(event.id)) continue
    seen.add(event.id)
    if (event.kind === 'network' && event.activity === 'close') continue
    // The same deed again and again is one line; the one that the alert is about is never left out.
    const line = `${branch.entity.uid} ${wordsOf(event)}`
    const isMatched = alert.matches.some((match) => match.event === event.id)
    if (said.has(line) && !isMatched) continue
    said.add(line)
    branch.deeds.push(event)
  }
  return branches
}

/** Gives a branch the fuller description of its process. */
function better(branch: Branch, entity: ProcessEntity, branches: Map<ProcessUid, Branch>): Branch {
  if (branch.entity === entity) return branch
  const fuller: Branch = { ...branch, entity: { ...branch.entity, ...entity } }
  branches.set(entity.uid, fuller)
  if (fuller.parent) {
    const { children } = fuller.parent
    children[children.indexOf(branch)] = fuller
  }
  for (const child of fuller.children) child.parent = fuller
  return fuller
}

function isBelow(branch: Branch, ancestor: Branch): boolean {
  for (let at: Branch | undefined = branch; at; at = at.parent) if (at === ancestor) return true
  return false
}

/** Which branches and deeds stay when there are more than may be shown; each with all that it hangs under. */
function choose(alert: Alert, branches: Map<ProcessUid, Branch>, maxNodes: number): Set<Branch | Event> {
  const subject = alert.process && branches.get(alert.process.uid)
  const matched = new Set(alert.matches.map(({ event }) => event))
  const wanted = [...branches.values()].flatMap((branch) => {
    const isNear = subject !== undefined && isBelow(branch, subject)
    const isAbove = subject !== undefined && isBelow(subject, branch)
    const rank = isAbove ? 0 : isNear ? 1 : 2
    const distance = Math.abs(timeOf(branch) - alert.time)
    return [
      { node: branch, branch, rank, distance },
      ...branch.deeds.map((deed) => ({
        node: deed as Branch | Event,
        branch,
        rank: matched.has(deed.id) ? 0 : isNear ? 1 : 2,
        distance: Math.abs(deed.time - alert.time),
      })),
    ]
  })
  wanted.sort((a, b) => a.rank - b.rank || a.distance - b.distance)
  const kept = new Set<Branch | Event>()
  for (const { node, branch } of wanted) {
    const missing: (Branch | Event)[] = kept.has(node) ? [] : [node]
    for (let at = node === branch ? branch.parent : branch; at && !kept.has(at); at = at.parent)
      missing.push(at)
    if (kept.size + missing.length > maxNodes) continue
    for (const one of missing) kept.add(one)
  }
  return kept
}

/** Where matches stand in a text: at their own place when the text is their value, else where their text is found. */
function marksIn(text: string, matches: readonly Match[]): Mark[] {
  const marks: Mark[] = []
  for (const { value, start = 0, length = value.length - start } of matches) {
    const part = value.slice(start, start + length)
    if (part === '') continue
    const at = text.startsWith(value.slice(0, start + length)) ? start : text.indexOf(part)
    if (at < 0 || marks.some((mark) => mark.start === at && mark.length === part.length)) continue
    marks.push({ start: at, length: part.length })
  }
  return marks.sort((a, b) => a.start - b.start || b.length - a.length)
}

function wordsOf(event: Event): string {
  if (event.kind === 'network') return networkWords(event)
  if (event.kind === 'finding') return findingWords(event)
  return event.kind === 'file' ? fileWords(event) : ''
}

function timeOf({ entity, launch }: Branch): number {
  return entity.created_time ?? launch?.time ?? 0
}

function byTime(a: Branch, b: Branch): number {
  return timeOf(a) - timeOf(b)
}
