import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { processTreeConfigSchema } from './config.ts'
import type { ProgramImage } from './process-node.ts'
import { type ProcessReading, ProcessTree } from './process-tree.ts'

const image = (name: string): ProgramImage => ({
  name,
  path: `/bin/${name}`,
  commandLine: name,
  deleted: false,
})
const id = (pid: number, startTicks = pid) => ({ pid, startTicks })
const nobody = id(0)

interface Setup {
  readonly max?: number
  readonly grace?: number
  readonly readings?: ProcessReading[]
}

function createTree({ max = 1000, grace = 60_000, readings = [] }: Setup = {}) {
  const time = { now: 0 }
  const tree = new ProcessTree({
    bootId: 'bootbootboot',
    bootTimeMs: 1_000_000,
    clock: { now: () => 0, monotonic: () => time.now },
    config: { ...processTreeConfigSchema.parse({ grace_ms: grace }), max_processes: max },
    reader: {
      list: () => readings.map(({ pid }) => pid),
      read: (pid) => readings.find((reading) => reading.pid === pid),
    },
  })
  return { tree, time }
}

const names = (entities: readonly { readonly name: string }[] | undefined) =>
  entities?.map(({ name }) => name)

describe('ancestry', () => {
  test('is that of the moment of birth: a parent that runs another program later does not change it', () => {
    const { tree } = createTree()
    tree.exec(id(1), nobody, image('init'))
    tree.exec(id(2), id(1), image('sh'))
    tree.fork(id(3), id(2))
    tree.exec(id(2), id(1), image('nc'))
    tree.fork(id(4), id(2))
    expect(names(tree.find(id(3)).process().ancestry)).toEqual(['sh', 'init'])
    expect(names(tree.find(id(4)).process().ancestry)).toEqual(['nc', 'init'])
  })

  test('is at most 32 long, nearest first, and shared by the children of one parent', () => {
    const { tree } = createTree()
    tree.exec(id(1), nobody, image('p1'))
    for (let pid = 2; pid <= 50; pid += 1) tree.exec(id(pid), id(pid - 1), image(`p${pid}`))
    tree.fork(id(60), id(50))
    tree.fork(id(61), id(50))
    const { ancestry } = tree.find(id(60)).process()
    expect(ancestry).toHaveLength(32)
    expect(ancestry?.[0]?.name).toBe('p50')
    expect(tree.find(id(61)).process().ancestry).toBe(ancestry)
  })

  test('a long command line is whole in the parent and cut in the ancestry', () => {
    const { tree } = createTree()
    tree.exec(id(1), nobody, { ...image('sh'), commandLine: 'x'.repeat(5000) })
    tree.fork(id(2), id(1))
    const process = tree.find(id(2)).process()
    expect(process.parent_process?.cmd_line).toHaveLength(5000)
    expect(process.ancestry?.[0]?.cmd_line).toHaveLength(2048)
  })

  test('children of a parent that is long forgotten still name it', () => {
    const { tree, time } = createTree({ grace: 10 })
    tree.exec(id(1), nobody, image('init'))
    tree.exec(id(2), id(1), image('dropper'))
    tree.fork(id(3), id(2))
    tree.exit(id(2))
    time.now = 100
    tree.forget()
    expect(tree.known(id(2))).toBeUndefined()
    tree.exec(id(3), id(1), image('payload'))
    expect(names(tree.find(id(3)).process().ancestry)).toEqual(['dropper', 'init'])
  })
})

describe('what is remembered', () => {
  test('an ended process is known for the time of grace', () => {
    const { tree, time } = createTree({ grace: 1000 })
    tree.exec(id(5), nobody, image('id'))
    tree.exit(id(5))
    time.now = 999
    tree.forget()
    expect(tree.known(id(5))?.image.name).toBe('id')
    time.now = 1000
    tree.forget()
    expect(tree.known(id(5))).toBeUndefined()
  })

  test('a pid that is used again keeps both processes apart', () => {
    const { tree } = createTree()
    tree.exec(id(5, 100), nobody, image('old'))
    tree.exit(id(5, 100))
    tree.exec(id(5, 200), nobody, image('new'))
    expect(tree.find(id(5, 100)).image.name).toBe('old')
    expect(tree.find(id(5, 200)).image.name).toBe('new')
    expect(tree.find(id(5, 100)).uid).not.toBe(tree.find(id(5, 200)).uid)
  })

  test('when there is no room, ended processes go first, then those that nobody asked for', () => {
    const { tree } = createTree({ max: 4 })
    for (const pid of [1, 2, 3, 4]) tree.exec(id(pid), nobody, image(`p${pid}`))
    tree.exit(id(3))
    tree.exec(id(5), nobody, image('p5'))
    expect(tree.known(id(3))).toBeUndefined()
    tree.exec(id(6), nobody, image('p6'))
    const left = [1, 2, 4, 5].filter((pid) => tree.known(id(pid)))
    expect(left).toHaveLength(3)
    expect(tree.counters()).toMatchObject({ size: 4, evicted: 2 })
  })

  test('a process in use outlives one that nobody asks for', () => {
    const { tree } = createTree({ max: 10 })
    tree.exec(id(1), nobody, image('busy'))
    for (let pid = 2; pid < 200; pid += 1) {
      tree.exec(id(pid), nobody, image('once'))
      expect(tree.known(id(1))?.image.name).toBe('busy')
    }
  })
})

describe('/proc', () => {
  const reading = (pid: number, ppid: number, name: string, startTicks = pid): ProcessReading => ({
    pid,
    ppid,
    startTicks,
    image: image(name),
  })

  test('what runs already is taken in with its parents, whatever the order', () => {
    const { tree } = createTree({ readings: [reading(9, 4, 'c'), reading(4, 2, 'b'), reading(2, 0, 'a')] })
    tree.seed()
    expect(names(tree.known(id(9))?.process().ancestry)).toEqual(['b', 'a'])
    expect(tree.counters()).toMatchObject({ size: 3, looked_up: 0 })
  })

  test('a process that no record announced is looked up; another of the same pid is not taken for it', () => {
    const { tree } = createTree({ readings: [reading(7, 1, 'late', 70), reading(1, 0, 'init')] })
    expect(names(tree.find(id(7, 70)).process().ancestry)).toEqual(['init'])
    expect(tree.find(id(7, 60)).process()).toEqual({
      uid: 'bootboot-7-60',
      pid: 7,
      name: '',
      created_time: 1_000_600,
    })
    expect(tree.counters()).toMatchObject({ looked_up: 1, unknown: 1 })
  })

  test('a pretended circle of parents ends', () => {
    const { tree } = createTree({ readings: [reading(7, 8, 'a', 5), reading(8, 7, 'b', 5)] })
    tree.seed()
    expect(tree.counters().size).toBe(2)
  })
})

test('whatever comes in whatever order, it holds its bound and answers', () => {
  const pid = fc.integer({ min: 1, max: 12 })
  const ticks = fc.integer({ min: 0, max: 3 })
  const step = fc.record({
    kind: fc.constantFrom('fork', 'exec', 'exit', 'find', 'forget'),
    process: fc.record({ pid, startTicks: ticks }),
    parent: fc.record({ pid: fc.integer({ min: 0, max: 12 }), startTicks: ticks }),
    wait: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 8 }), (steps, max) => {
      const { tree, time } = createTree({ max, grace: 20 })
      for (const { kind, process, parent, wait } of steps) {
        time.now += wait
        if (kind === 'forget') tree.forget()
        else if (kind === 'fork') tree.fork(process, parent)
        else if (kind === 'exit') expect(tree.exit(process)).toMatchObject(process)
        else if (kind === 'find') expect(tree.find(process)).toMatchObject(process)
        else {
          const node = tree.exec(process, parent, image('x'))
          expect(node).toMatchObject(process)
          expect(node.process().ancestry?.length ?? 0).toBeLessThanOrEqual(32)
        }
        expect(tree.counters().size).toBeLessThanOrEqual(max)
      }
      time.now += 1000
      for (let p = 0; p <= 12; p += 1) for (let s = 0; s <= 3; s += 1) tree.exit(id(p, s))
      time.now += 1000
      tree.forget()
      expect(tree.counters().size).toBe(0)
    }),
    { numRuns: 500 },
  )
})
