/** An operation as it is sent: text and variables, or a batch of them. */
export interface ShapeProbe {
  readonly limit: 'depth' | 'aliases' | 'batch'
  readonly body: unknown
  readonly isAllowed: boolean
}

/** Its resolver is what is watched. */
const WATCHED = 'rules(limit: 1) { id }'

/** Operations just within each limit and beyond it, plainly and through fragments. */
export function shapeProbes(random: () => number, rounds: number): ShapeProbe[] {
  return Array.from({ length: rounds }, () => {
    const above = 1 + Math.floor(random() * 30)
    return [
      ...[deep(10), deepByFragments(10)].map((query) => probe('depth', { query }, true)),
      ...[deep(10 + above), deepByFragments(10 + above)].map((query) => probe('depth', { query }, false)),
      probe('aliases', { query: aliased(50) }, true),
      probe('aliases', { query: aliased(50 + above) }, false),
      probe('aliases', { query: aliasedByFragment(50 + above) }, false),
      probe('batch', batch(10), true),
      probe('batch', batch(10 + above), false),
    ]
  }).flat()
}

function probe(limit: ShapeProbe['limit'], body: unknown, isAllowed: boolean): ShapeProbe {
  return { limit, body, isAllowed }
}

/** The alert that is asked for does not exist, so nothing below it is worked out. */
const STEPS = ['incident', 'alerts']

function deep(depth: number): string {
  const steps = Array.from({ length: depth - 2 }, (_, i) => STEPS[i % 2])
  return `{ ${WATCHED} alert(id: "none") { ${steps.map((step) => `${step} {`).join(' ')} id ${'}'.repeat(steps.length)} } }`
}

function deepByFragments(depth: number): string {
  const steps = Array.from({ length: depth - 2 }, (_, i) => STEPS[i % 2])
  const fragments = steps.map((step, i) => {
    const next = i + 1 < steps.length ? `...f${i + 1}` : 'id'
    return `fragment f${i} on ${step === 'incident' ? 'Alert' : 'Incident'} { ${step} { ${next} } }`
  })
  return `{ ${WATCHED} alert(id: "none") { ...f0 } } ${fragments.join(' ')}`
}

function aliased(count: number): string {
  return `{ ${WATCHED} ${Array.from({ length: count }, (_, i) => `a${i}: __typename`).join(' ')} }`
}

function aliasedByFragment(count: number): string {
  const aliases = Array.from({ length: count }, (_, i) => `a${i}: id`).join(' ')
  return `{ ${WATCHED} me { ...many } } fragment many on User { ${aliases} }`
}

function batch(count: number): unknown {
  return Array.from({ length: count }, () => ({ query: `{ ${WATCHED} }` }))
}
