import { expect, test } from 'vitest'
import { createStyle } from '../../format/style.ts'
import { ProgressLine, progressText } from './progress-line.ts'

const half = {
  events: 1_000_000,
  matches: 27,
  done: 0.5,
  bytes: { read: 1 << 30, total: 2 ** 31 },
  seconds: 100,
}

test('progressText() tells how far, how fast and how long yet', () => {
  expect(progressText(half)).toBe(
    '██████████░░░░░░░░░░   50 %  1.0 GiB of 2.0 GiB  10 000 events/s  27 matches  1 min 40 s left',
  )
  expect(progressText({ ...half, done: 0.98 })).toContain('  3 s left')
  expect(progressText({ ...half, done: 0.02 })).toContain('  1 h 21 min left')
  // Too early to say.
  expect(progressText({ ...half, done: 0.001 })).not.toContain('left')
  const { bytes: _, ...stored } = half
  expect(progressText({ ...stored, matches: 1 })).toContain('50 %  10 000 events/s  1 match  ')
})

function terminal(errColumns: number | undefined) {
  let err = ''
  let now = 0
  const line = new ProgressLine(
    {
      out: () => undefined,
      err: (text) => void (err += text),
      colour: false,
      interactive: false,
      columns: 100,
      errColumns,
      env: {},
      uid: 0,
    },
    createStyle(false),
    { now: () => now, monotonic: () => now },
  )
  return { line, err: () => err, pass: (ms: number) => (now += ms) }
}

test('the line is drawn over, at most ten times a second, cut to the width, and taken away', () => {
  const { line, err, pass } = terminal(40)
  line.show(half)
  line.show(half)
  pass(50)
  line.show(half)
  expect(err()).toBe(`\r\u001b[K${progressText(half).slice(0, 39)}`)
  pass(60)
  line.show(half)
  expect(err().split('\r')).toHaveLength(3)
  line.clear()
  expect(err().endsWith('\r\u001b[K')).toBe(true)
  const before = err()
  line.clear()
  expect(err()).toBe(before)
})

test('on a pipe, and for what is over at once, nothing is drawn', () => {
  const pipe = terminal(undefined)
  pipe.line.show(half)
  pipe.line.clear()
  expect(pipe.err()).toBe('')
  const short = terminal(80)
  short.line.show({ ...half, seconds: 0.2 })
  expect(short.err()).toBe('')
})
