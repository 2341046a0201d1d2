import { serve } from '../serve.ts'

/** A source that gives two records, and then spins for ever, as one that meets a fault of ours would. */
await serve(() => ({
  async run(emit) {
    emit(
      [1, 2].map((timeMs) => ({ source: 'line', timeMs, path: '/x', text: '', truncated: false })),
      5,
    )
    // What was said before must be on its way.
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (;;);
  },
  [Symbol.dispose]() {
    // It has nothing.
  },
}))
