import {
  attributeName,
  fieldName,
  isSystemField,
  payloadFieldName,
  renderingFieldName,
  systemAttributeName,
  systemValue,
} from '../windows-event/fields.ts'
import type { Element, Part } from './markup.ts'
import { BINXML_TYPE } from './values.ts'

/** Which of the flat record's fields a template fills, and from what. */
export interface PlannedField {
  readonly name: string
  /** Where `name` is written by each record: an attribute `Name` with a value in it. Empty for all others. */
  readonly nameParts: readonly Part[]
  readonly section: string
  readonly parts: readonly Part[]
}

/** A value that may be binary XML of its own. */
export interface PlannedNest {
  readonly index: number
  readonly context: Context
  /** What it is when it is an ordinary value after all. */
  readonly otherwise: Plan
}

export interface Plan {
  readonly fields: readonly PlannedField[]
  readonly nests: readonly PlannedNest[]
  /** In how many places the most used value stands. */
  readonly repeats: number
  /** What a record of it takes from the budget of its chunk: for each field, and for each 64 units of constant text. */
  readonly cost: number
}

/** Where in an event a fragment stands: at the top, in `Event`, in `System`, in `RenderingInfo`, or in another section. */
export type Context = '' | 'Event' | 'System' | 'RenderingInfo' | (string & {})

interface Draft {
  readonly fields: PlannedField[]
  readonly nests: PlannedNest[]
}

/** How the fields of elements that stand in a context are called and where their values come from. */
export function planFragment(nodes: readonly (Element | Part)[], context: Context): Plan {
  const draft: Draft = { fields: [], nests: [] }
  for (const node of nodes) {
    if (node.kind === 'element') planElement(node, context, draft)
    else planPart(node, context, context, draft)
  }
  return { ...draft, repeats: repeatsOf(draft.fields), cost: costOf(draft.fields) }
}

function costOf(fields: readonly PlannedField[]): number {
  let units = 0
  for (const { parts } of fields) units += textOf(parts).length
  return fields.length + (units >> 6)
}

function repeatsOf(fields: readonly PlannedField[]): number {
  const uses = new Map<number, number>()
  let most = 0
  for (const { parts, nameParts } of fields) {
    for (const part of [...parts, ...nameParts]) {
      if (part.kind === 'text') continue
      const count = (uses.get(part.index) ?? 0) + 1
      uses.set(part.index, count)
      most = Math.max(most, count)
    }
  }
  return most
}

function planElement(element: Element, context: Context, draft: Draft): void {
  if (context === '') {
    if (element.name === 'Event') planChildren(element, 'Event', draft)
    else planSection(element, draft)
  } else if (context === 'Event') {
    if (element.name === 'System') planChildren(element, 'System', draft)
    else planSection(element, draft)
  } else if (context === 'System') planSystem(element, draft)
  else planPayload(element, context, draft)
}

function planChildren(element: Element, context: Context, draft: Draft): void {
  for (const child of element.children) {
    if (child.kind === 'element') planElement(child, context, draft)
    else planPart(child, context, element.name, draft)
  }
}

/** Text between elements means nothing; a value there is either elements or what the element itself holds. */
function planPart(part: Part, context: Context, name: string, draft: Draft): void {
  if (part.kind === 'text') return
  const section = context === '' ? 'Event' : context
  const field: PlannedField = {
    name: payloadFieldName(section, name === '' ? 'Event' : name),
    nameParts: [],
    section,
    parts: [part],
  }
  if (part.type === BINXML_TYPE)
    draft.nests.push({
      index: part.index,
      context,
      otherwise: { fields: [field], nests: [], repeats: 1, cost: 1 },
    })
  else draft.fields.push(field)
}

function planSystem(element: Element, draft: Draft): void {
  for (const { name, parts } of element.attributes) {
    if (isNamespace(name)) continue
    addSystem(systemAttributeName(element.name, name), parts, draft)
  }
  const parts = element.children.filter((child) => child.kind !== 'element')
  if (parts.length > 0 || isSystemField(element.name)) addSystem(fieldName(element.name), parts, draft)
}

function addSystem(name: string, parts: readonly Part[], draft: Draft): void {
  draft.fields.push({ name, nameParts: [], section: 'System', parts })
}

function planSection(element: Element, draft: Draft): void {
  planAttributes(element, element.name, element.name, draft)
  planChildren(element, element.name, draft)
}

function planPayload(element: Element, section: string, draft: Draft): void {
  const nameParts = element.attributes.find(({ name }) => name === 'Name')?.parts ?? []
  const literal = nameParts.every(({ kind }) => kind === 'text') ? textOf(nameParts) : undefined
  const name = literal === undefined || literal === '' ? element.name : literal
  const isData = element.name === 'Data' || element.name === 'ComplexData'
  const fullName =
    section === 'RenderingInfo'
      ? renderingFieldName(element.name)
      : payloadFieldName(section, isData ? name : element.name)
  planAttributes(element, fullName, section, draft, isData)
  if (element.children.some(({ kind }) => kind === 'element')) {
    planChildren(element, section, draft)
    return
  }
  const parts: Part[] = []
  for (const child of element.children) {
    if (child.kind === 'element') continue
    if (child.kind === 'value' && child.type === BINXML_TYPE) planPart(child, section, fullName, draft)
    else parts.push(child)
  }
  if (parts.length > 0 || element.children.length === 0)
    draft.fields.push({
      name: fullName,
      nameParts: isData && literal === undefined ? nameParts : [],
      section,
      parts,
    })
}

function planAttributes(
  element: Element,
  prefix: string,
  section: string,
  draft: Draft,
  isData = false,
): void {
  for (const { name, parts } of element.attributes) {
    if (isNamespace(name) || (isData && name === 'Name')) continue
    draft.fields.push({ name: attributeName(prefix, name), nameParts: [], section, parts })
  }
}

function isNamespace(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:')
}

/** The text of parts of which none is a value. */
export function textOf(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) if (part.kind === 'text') text += part.text
  return text
}

/** What a field without values in it always holds: null where nothing is written. */
export function constantOf(field: PlannedField): string | number | null {
  if (field.parts.length === 0) return null
  const text = textOf(field.parts)
  return field.section === 'System' ? systemValue(field.name, text) : text
}
