import type { LogSource } from '@vedette/model'
import type { Batch } from '../lines/batch.ts'
import { flattenWindowsEvent } from '../windows-event/flatten.ts'
import { sysmonSource } from '../sysmon-linux/event.ts'
import { isJsonObject, type JsonObject } from './json-kind.ts'
import { jsonKinds } from './json-kinds.ts'
import { LogSources } from './log-sources.ts'
import { SIGMA_CATEGORIES, SIGMA_PRODUCTS } from './sigma-names.ts'
import { wrappedRecords } from './wrapper.ts'

/** Takes values out of JSON text as records, and tells where they come from. */
export class JsonRecords {
  readonly #sources = new LogSources()
  readonly #fileName: string

  constructor(fileName: string) {
    this.#fileName = fileName
  }

  /**
   * The reason, where the value is no record. One value may give several records, all with this number.
   *
   * @param text the value's JSON on one line, where it is at hand
   */
  add(value: unknown, number: number, batch: Batch, text?: string): string | undefined {
    if (!isJsonObject(value)) return 'not-an-object'
    const wrapped = wrappedRecords(value)
    if (wrapped === undefined) return this.#addRecord(value, number, batch, text)
    let reason: string | undefined
    for (const record of wrapped) reason ??= this.#addRecord(record, number, batch)
    return reason
  }

  #addRecord(value: JsonObject, number: number, batch: Batch, text?: string): string | undefined {
    const { product } = value
    if (typeof product === 'string' && isSigmaProduct(product)) {
      const nested = value['Event'] !== undefined || value['winlog'] !== undefined
      const record = nested ? flattenWindowsEvent(value) : undefined
      batch.add(record ?? value, number, this.#declared(value, product), record ? undefined : text)
      return undefined
    }
    const windows = flattenWindowsEvent(value)
    if (windows !== undefined) {
      const source = isLinuxSysmon(windows) ? sysmonSource(windows['EventID']) : WINDOWS
      batch.add(windows, number, this.#sources.get(source.product, source.category, source.service))
      return undefined
    }
    for (const kind of jsonKinds) {
      if (value[kind.key] === undefined) continue
      const found = kind.read(value, this.#fileName)
      if (found === undefined) continue
      if (typeof found === 'string') return found
      for (const { record, source } of found) {
        batch.add(record, number, this.#sources.get(source.product, source.category, source.service))
      }
      return undefined
    }
    // Another product counts where nothing else is known: tools call theirs so (`Microsoft Windows`), and rules may too.
    const source = typeof product === 'string' ? this.#declared(value, product) : this.#undeclared(value)
    batch.add(value, number, source, text)
    return undefined
  }

  /** A record may say its source in Sigma's words. */
  #declared({ category, service }: JsonObject, product: string): LogSource {
    return this.#sources.get(product, textOf(category), textOf(service))
  }

  /**
   * `category` and `service` are names that many tools use for their own: without a product a category counts only if it
   * is one of Sigma's, and a service only beside such a category. A wrong source would hide rules.
   */
  #undeclared({ category, service }: JsonObject): LogSource {
    return typeof category === 'string' && SIGMA_CATEGORIES.has(category)
      ? this.#sources.get(undefined, category, textOf(service))
      : this.#sources.get(undefined, undefined, undefined)
  }
}

const WINDOWS: LogSource = { product: 'windows' }

/** Sysmon for Linux writes events of the same form. */
function isLinuxSysmon({ Channel: channel, Provider_Name: provider }: JsonObject): boolean {
  return provider === 'Linux-Sysmon' || channel === 'Linux-Sysmon/Operational'
}

function isSigmaProduct(name: string): boolean {
  return SIGMA_PRODUCTS.has(name) || SIGMA_PRODUCTS.has(name.toLowerCase())
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
