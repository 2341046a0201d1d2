import type { LogSource } from '@vedette/model'

/** Most sources that are kept; a file that names more gets a new object for each further record. */
const MAX_SOURCES = 4096

/** One object for each log source, so that whoever reads on may compare them by identity. */
export class LogSources {
  readonly #known = new Map<string, LogSource>()
  #last: LogSource = {}

  /** Sigma's names are of lower case. */
  get(product: string | undefined, category: string | undefined, service: string | undefined): LogSource {
    const last = this.#last
    if (last.product === product && last.category === category && last.service === service) return last
    const key = JSON.stringify([product, category, service])
    let source = this.#known.get(key)
    if (source === undefined) {
      source = {
        ...(product !== undefined && { product }),
        ...(category !== undefined && { category }),
        ...(service !== undefined && { service }),
      }
      if (this.#known.size < MAX_SOURCES) this.#known.set(key, source)
    }
    this.#last = source
    return source
  }
}
