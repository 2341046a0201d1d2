import { describe, expect, test } from 'vitest'
import { parseProcessStat } from './stat.ts'

const tail = `S 41 42 43 34816 -1 4194304 ${'0 '.repeat(12)}777 1 2 3`

describe('parseProcessStat()', () => {
  test('counts the fields from behind the name', () => {
    expect(parseProcessStat(`7 (sh) ${tail}`)).toEqual({
      pid: 7,
      name: 'sh',
      state: 'S',
      ppid: 41,
      processGroup: 42,
      session: 43,
      tty: 34_816,
      startTicks: 777,
      kernelThread: false,
      exiting: false,
      argumentsAddress: 0,
    })
  })

  test('a name made to look like the rest of the line stays a name', () => {
    const name = ') R 1 1 1\n(x'
    expect(parseProcessStat(`7 (${name}) ${tail}`)).toMatchObject({ name, ppid: 41, startTicks: 777 })
  })

  test('knows a kernel thread by its flag, not by its parent', () => {
    expect(parseProcessStat(`7 (kworker) ${tail.replace('4194304', '69238880')}`)?.kernelThread).toBe(true)
  })

  test.each(['', '7', '7 (sh', '7 (sh) S 1'])('%j is no line of it', (text) => {
    expect(parseProcessStat(text)).toBeUndefined()
  })
})
