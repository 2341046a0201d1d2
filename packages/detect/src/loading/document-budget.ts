import { isCollection, isPair, isScalar, Lexer, type Scalar } from 'yaml'

export const MOST_NODES = 100_000
export const DEEPEST = 40
/** Of text that needs all of YAML read: its parser takes some microseconds for each. */
export const MOST_TOKENS = 20_000

/**
 * The parser calls itself for each level and keeps all it has seen, so what is far over a budget is found before it, by
 * the tokens alone.
 */
export function faultOfTokens(text: string): string | undefined {
  let tokens = 0
  let brackets = 0
  let dashes = 0
  for (const token of new Lexer().lex(text)) {
    tokens += 1
    if (token === '[' || token === '{') brackets += 1
    else if (token === ']' || token === '}') brackets -= 1
    else if (token === '-' || token === '?') dashes += 1
    else if (token.startsWith('\n') || token.startsWith('\r')) dashes = 0
    if (tokens > MOST_TOKENS) return 'too-many-nodes'
    if (brackets > DEEPEST || dashes > DEEPEST) return 'too-deep'
  }
  return undefined
}

/** Counts nodes and levels as far as the budgets go, and looks for keys that stand twice in a map. */
export function measure(top: unknown): { nodes: number; depth: number; twice?: Scalar } {
  let nodes = 0
  let depth = 0
  const waiting: [node: unknown, level: number][] = [[top, 1]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, level] = next
    nodes += 1
    depth = Math.max(depth, level)
    if (nodes > MOST_NODES || depth > DEEPEST || !isCollection(node)) continue
    const keys = new Set<string>()
    for (const item of node.items) {
      if (isPair(item)) {
        waiting.push([item.value, level + 1])
        const key = isScalar(item.key) ? item.key : undefined
        const name = String(key?.value)
        if (key && name !== '<<' && keys.has(name)) return { nodes, depth, twice: key }
        keys.add(name)
      } else {
        waiting.push([item, level + 1])
      }
    }
  }
  return { nodes, depth }
}
