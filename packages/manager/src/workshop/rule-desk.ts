import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { type Clock, CodedError, type Logger, silentLogger } from '@vedette/base'
import {
  createEngine,
  type DetectionConfig,
  type Engine,
  loadConfiguredRules,
  type LoadedRules,
  loadRules,
  type RuleExplanation,
  RuleReader,
  type RuleSheet,
  type RuleState,
} from '@vedette/detect'
import type {
  Alert,
  Event,
  ExceptionField,
  RuleException,
  RuleId,
  RuleInfo,
  RulePack,
  RulePackSet,
  RuleProblem,
  RuleText,
} from '@vedette/model'
import type { TenantEvents, TenantState } from '@vedette/store'
import { backtestEvents, type BacktestReport } from './backtest.ts'
import { diffRules, type RuleSetDifference } from './diff-rules.ts'
import {
  choose,
  type ExceptionRequest,
  type FieldChoice,
  fieldChoices,
  writeFilter,
  writeProbe,
} from './draft-exception.ts'
import { type ExceptionEffect, exceptionEffect, taken } from './exception-effect.ts'
import { countsSilence, SilenceCounts } from './silence-counts.ts'
import { type RuleCase, testRules } from './test-rules.ts'

export interface RuleDeskOptions {
  /** Judges what comes in; its rules are changed here and nowhere else. */
  readonly engine: Engine
  /** What the engine was started with. */
  readonly loaded: LoadedRules
  readonly config: DetectionConfig
  readonly content: string
  /** Of the tenant whose engine it is. */
  readonly state: Pick<TenantState, 'alerts' | 'exceptions' | 'rulePacks'>
  /** What rules are tried on before they are used. */
  readonly events: TenantEvents
  readonly clock: Clock
  readonly log: Logger
}

/** An exception before it is made. */
export interface ExceptionPreview {
  readonly rule: RuleInfo
  /** The rule that it would be for: another one where the alert is of a correlation. */
  readonly filtered: Pick<RuleInfo, 'id' | 'title'>
  readonly fields: readonly FieldChoice[]
  /** As YAML. */
  readonly filter: string
  readonly effect: ExceptionEffect
}

/** An exception that was made, and what it would have hidden before. */
export interface ExceptionMade {
  readonly exception: RuleException
  readonly effect: ExceptionEffect
}

/** Rules to be installed together. */
export interface NewPack {
  /** `sigma`; what is in force under that name is replaced. */
  readonly name: string
  /** Where they come from, for people. */
  readonly source: string
  readonly files: readonly RuleText[]
}

/** What installing rules would change. */
export interface PackPlan {
  /** Rules that load, correlations with them; those below the severity that is used are left out. */
  readonly rules: number
  readonly problems: readonly RuleProblem[]
  /** What it takes the place of. */
  readonly replaces?: RulePack
  /** From what is in force under the name. */
  readonly difference: RuleSetDifference
  /** Titles of rules that are in force already under the same id: these stay as they are. At most 100. */
  readonly twice: readonly string[]
  /** Absent where it was not asked for. */
  readonly backtest?: BacktestReport
}

/** A rule in force. */
export interface RuleStatus extends RuleState {
  /** `built-in`, `configured`, or the installed pack: `sigma@3`. */
  readonly origin: string
  readonly exceptions: number
}

/** Longest that a timer waits before it looks again: clocks are changed, machines sleep. */
const LONGEST_WAIT_MS = 60_000
/** What exceptions kept silent is written down so often. */
const FLUSH_EVERY_MS = 2000
/** A backtest ends with what it has after so long. */
const BACKTEST_MS = 120_000
const PROBE = 'exception-probe' as RuleId

/**
 * The rules in force: those of the configuration, those that were installed, and the exceptions from them. A change is in
 * force when its promise resolves, and no event is lost or judged twice by it.
 */
export class RuleDesk implements AsyncDisposable {
  readonly #options: RuleDeskOptions
  readonly #since: number
  readonly #stop = new AbortController()
  #loaded: LoadedRules
  /** Installed rules that are in force, by the names of their files in `RuleInfo.file`. */
  #texts: ReadonlyMap<string, string> = new Map()
  #exceptions: readonly RuleException[] = []
  #changing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #reader: Promise<RuleReader> | undefined
  #testing = false
  readonly #silence = new SilenceCounts()
  readonly #flushTimer: NodeJS.Timeout
  #flushing: Promise<void> = Promise.resolve()

  private constructor(options: RuleDeskOptions) {
    this.#options = options
    this.#loaded = options.loaded
    this.#since = options.clock.now()
    this.#flushTimer = setInterval(() => void this.#flush(), FLUSH_EVERY_MS)
    this.#flushTimer.unref()
  }

  /**
   * Brings what is kept in force.
   *
   * @throws {CodedError} of the store
   */
  static async open(options: RuleDeskOptions): Promise<RuleDesk> {
    const desk = new RuleDesk(options)
    await desk.refresh()
    return desk
  }

  /** What is wrong with rules, exceptions among them. */
  get problems(): readonly RuleProblem[] {
    return this.#loaded.problems
  }

  /** Rules in force, correlations with them. */
  get loaded(): number {
    return this.#loaded.rules.length + this.#loaded.correlations.length
  }

  /** Since when hits are counted: milliseconds since the epoch. */
  get since(): number {
    return this.#since
  }

  /** Every rule in force and what it has done so far, in the order of loading. */
  states(): RuleStatus[] {
    const counts = new Map<string, number>()
    for (const { rules } of this.#exceptions)
      for (const id of rules) counts.set(id, (counts.get(id) ?? 0) + 1)
    const states = this.#options.engine.states().filter(({ info }) => !countsSilence(info.id))
    return states.map((state) => ({
      ...state,
      origin: this.#originOf(state.info.file),
      exceptions: counts.get(state.info.id) ?? 0,
    }))
  }

  /** The file that a rule in force stands in, as text; undefined where there is no such rule, or it cannot be read any more. */
  async textOf(id: string): Promise<RuleText | undefined> {
    return textIn(this.#loaded, this.#texts, id)
  }

  /** The cases that lie beside a rule in force, run now; none for installed rules, whose cases are not kept. */
  async casesOf(id: string): Promise<readonly RuleCase[]> {
    const info = this.#infoOf(id)
    if (!info || this.#texts.has(info.file)) return []
    const { config, content, clock } = this.#options
    const files = new Set(this.#withReferences(id).flatMap((one) => this.#infoOf(one)?.file ?? []))
    const { cases } = await testRules([...files], clock, { content, parameters: config.parameters })
    return cases.filter(({ rule }) => rule.file === info.file)
  }

  /** A rule in force, taken apart, with the exceptions from it; undefined for correlations and what is not there. */
  async sheetOf(id: string): Promise<RuleSheet | undefined> {
    const text = await this.textOf(id)
    if (!text) return undefined
    const reader = await this.#openReader()
    return reader.read(text, id, this.#exceptions.map(toText))
  }

  /** Newest first; those that are over too, where they were not removed. */
  async exceptions(): Promise<RuleException[]> {
    await this.#flush()
    return this.#options.state.exceptions.list()
  }

  /** What an exception from the rule of an alert would be, and what it would have hidden. Changes nothing. */
  async previewException(alert: Alert, request: ExceptionRequest): Promise<ExceptionPreview> {
    return (await this.#plan(alert, request)).preview
  }

  /**
   * Makes an exception from the rule of an alert; it is in force when this resolves.
   *
   * @param force also where it would have hidden true positives
   * @throws {CodedError} `hides-true-positive`, `does-not-hide`, `no-exception-possible`, `unknown-field`
   */
  async addException(
    alert: Alert,
    request: ExceptionRequest,
    actor: string,
    force = false,
  ): Promise<ExceptionMade> {
    const { preview, exception } = await this.#plan(alert, request)
    const { truePositives } = preview.effect
    if (truePositives > 0 && !force) {
      const alerts = truePositives === 1 ? 'an alert that was' : `${truePositives} alerts that were`
      throw new CodedError('hides-true-positive', `The exception would have hidden ${alerts} a true positive`)
    }
    const { problems } = await loadRules([], {
      content: this.#options.content,
      parameters: this.#options.config.parameters,
      texts: [toText(exception)],
    })
    const [problem] = problems
    if (problem) throw new CodedError('no-exception-possible', `The filter is refused: ${problem.message}`)
    await this.#options.state.exceptions.add({ ...exception, actor })
    await this.refresh()
    return { exception: { ...exception, actor }, effect: preview.effect }
  }

  /** Takes an exception away, by the beginning of its id; its rule judges again when this resolves. */
  async removeException(id: string): Promise<RuleException | undefined> {
    const removed = await this.#options.state.exceptions.remove(id)
    if (removed) await this.refresh()
    return removed
  }

  /** Why an event meets a rule in force, or does not; undefined where there is no such rule with a detection. */
  async explain(rule: string, event: Event): Promise<RuleExplanation | undefined> {
    return (await this.sheetOf(rule))?.explainEvent(event)
  }

  /**
   * What rules would have fired on since a moment. One at a time.
   *
   * @param sinceMs milliseconds since the epoch
   * @throws {CodedError} `busy`, `no-rules`
   */
  async backtest(files: readonly RuleText[], sinceMs: number, signal?: AbortSignal): Promise<BacktestReport> {
    return this.#backtest(await this.#tryOut(files), sinceMs, signal)
  }

  /**
   * What installing would change. Changes nothing.
   *
   * @param sinceMs with a backtest since then
   */
  async planPack(pack: NewPack, sinceMs?: number, signal?: AbortSignal): Promise<PackPlan> {
    const loaded = await this.#tryOut(pack.files)
    const replaced = (await this.#options.state.rulePacks.active()).find(
      ({ pack: { name } }) => name === pack.name,
    )
    const others = new Map<string, string>()
    for (const { info } of [...this.#loaded.rules, ...this.#loaded.correlations]) {
      if (!info.file.startsWith(`${pack.name}@`)) others.set(info.id, info.title)
    }
    const twice = [...loaded.rules, ...loaded.correlations].flatMap(({ info }) => others.get(info.id) ?? [])
    return {
      rules: loaded.rules.length + loaded.correlations.length,
      problems: loaded.problems,
      ...(replaced && { replaces: replaced.pack }),
      difference: diffRules(replaced?.files ?? [], pack.files),
      twice: twice.slice(0, 100),
      ...(sinceMs !== undefined && { backtest: await this.#backtest(loaded, sinceMs, signal) }),
    }
  }

  /** Installs rules; they are in force when this resolves. @throws {CodedError} `no-rules` */
  async installPack(pack: NewPack, actor: string): Promise<RulePackSet> {
    const { rules, correlations } = await this.#tryOut(pack.files)
    const { state, clock } = this.#options
    const number = rules.length + correlations.length
    const set = await state.rulePacks.install({ ...pack, rules: number }, actor, clock.now())
    await this.refresh()
    return set
  }

  /** Takes installed rules out of force; undefined where none are installed under that name. */
  async removePack(name: string, actor: string): Promise<RulePackSet | undefined> {
    const set = await this.#options.state.rulePacks.remove(name, actor, this.#options.clock.now())
    if (set) await this.refresh()
    return set
  }

  /** Goes back to the installed rules before; what was taken back, undefined where nothing was ever installed. */
  async undoPack(): Promise<RulePackSet | undefined> {
    const undone = await this.#options.state.rulePacks.undo()
    if (undone) await this.refresh()
    return undone
  }

  /** The files of installed rules that are in force; undefined where none are under that name. */
  async packFiles(name: string): Promise<readonly RuleText[] | undefined> {
    const packs = await this.#options.state.rulePacks.active()
    return packs.find(({ pack }) => pack.name === name)?.files
  }

  /** Steps in which rules were installed, the one in force first. */
  packs(): Promise<RulePackSet[]> {
    return this.#options.state.rulePacks.history()
  }

  /** Loads what is kept, and puts it in force where that is not what is in force. One at a time, in order. */
  refresh(): Promise<void> {
    const next = this.#changing.catch(() => undefined).then(() => this.#refresh())
    this.#changing = next
    return next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    clearInterval(this.#flushTimer)
    await this.#changing.catch(() => undefined)
    await this.#flush()
  }

  /** Writes down what exceptions kept silent since the last time. */
  #flush(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      const hits = this.#silence.take()
      try {
        await this.#options.state.exceptions.hit(hits)
      } catch (error) {
        this.#silence.putBack(hits)
        this.#options.log.warn({ error }, 'what exceptions kept silent could not be written down yet')
      }
    })
    return this.#flushing
  }

  async #refresh(): Promise<void> {
    const { engine, state, config, content, clock, log } = this.#options
    if (this.#stop.signal.aborted) return
    const now = clock.now()
    const exceptions = (await state.exceptions.list()).filter(({ expiresAt = Infinity }) => expiresAt > now)
    const packs = await state.rulePacks.active()
    const texts = new Map<string, string>()
    for (const { pack, files } of packs) {
      for (const { file, text } of files) texts.set(`${pack.name}@${pack.number}/${file}`, text)
    }
    const isSame =
      idsOf(exceptions) === idsOf(this.#exceptions) &&
      [...texts.keys()].join('\n') === [...this.#texts.keys()].join('\n')
    if (!isSame) {
      const started = clock.monotonic()
      const all = [...[...texts].map(([file, text]) => ({ file, text })), ...exceptions.map(toText)]
      const loaded = await loadConfiguredRules(config, content, all)
      const counters = await this.#silence.rules(exceptions, (id) => textIn(loaded, texts, id), {
        content,
        parameters: config.parameters,
      })
      await engine.reload({ ...loaded, rules: [...loaded.rules, ...counters] })
      this.#loaded = loaded
      this.#texts = texts
      this.#exceptions = exceptions
      const ms = Math.round(clock.monotonic() - started)
      log.info(
        { rules: this.loaded, exceptions: exceptions.length, problems: loaded.problems.length, ms },
        'rules are in force',
      )
    }
    this.#waitForExpiry()
  }

  /** Loads rules as they would be loaded in force. @throws {CodedError} `no-rules` */
  async #tryOut(files: readonly RuleText[]): Promise<LoadedRules> {
    const { config, content } = this.#options
    const loaded = await loadConfiguredRules({ ...config, built_in_rules: false, rules: [] }, content, files)
    if (loaded.rules.length === 0) {
      const [problem] = loaded.problems
      const reason = problem ? `; the first fault is in ${problem.file}: ${problem.message}` : ''
      throw new CodedError('no-rules', `Not one of these rules can be used${reason}`)
    }
    return loaded
  }

  async #backtest(loaded: LoadedRules, sinceMs: number, signal?: AbortSignal): Promise<BacktestReport> {
    if (this.#testing)
      throw new CodedError('busy', 'Other rules are being tried just now; try again in a minute')
    this.#testing = true
    const { events, clock } = this.#options
    const signals = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
    try {
      return await backtestEvents(
        { loaded, events, fromMs: sinceMs, untilMs: clock.now(), clock, budgetMs: BACKTEST_MS },
        signals,
      )
    } finally {
      this.#testing = false
    }
  }

  /** Looks again when the next exception is over. */
  #waitForExpiry(): void {
    clearTimeout(this.#timer)
    const ends = this.#exceptions.flatMap(({ expiresAt }) => expiresAt ?? [])
    if (ends.length === 0 || this.#stop.signal.aborted) return
    const wait = Math.min(...ends) - this.#options.clock.now()
    this.#timer = setTimeout(
      () => {
        this.refresh().catch((error: unknown) => {
          this.#options.log.error({ error }, 'exceptions that are over could not be taken away yet')
          this.#waitForExpiry()
        })
      },
      Math.min(Math.max(wait + 1, 10), LONGEST_WAIT_MS),
    )
    this.#timer.unref()
  }

  async #plan(
    alert: Alert,
    request: ExceptionRequest,
  ): Promise<{ readonly preview: ExceptionPreview; readonly exception: RuleException }> {
    const { state, content, config, clock, log } = this.#options
    const { event, sheet, rule } = await this.#subjectOf(alert)
    const fields = choose(fieldChoices(alert, event, sheet), request.fields, sheet, event)
    const chosen: ExceptionField[] = fields
      .filter((field) => field.chosen)
      .map(({ name, value }) => ({ name, value }))
    if (chosen.length === 0) {
      throw new CodedError(
        'no-exception-possible',
        'The event of this alert has no field that tells its case apart',
      )
    }
    const { owner, reason, expiresAt } = request
    const addedAt = clock.now()
    const { source } = sheet
    const id = randomUUID()
    const filter = writeFilter({
      id,
      rule,
      source,
      fields: chosen,
      addedAt,
      owner,
      reason,
      ...(expiresAt !== undefined && { expiresAt }),
    })
    const probe = await loadRules([], {
      content,
      parameters: config.parameters,
      texts: [{ file: 'exception', text: writeProbe(PROBE, source, chosen) }],
    })
    const [problem] = [...probe.problems, ...probe.warnings]
    if (problem) throw new CodedError('no-exception-possible', `The filter is refused: ${problem.message}`)
    const engine = createEngine(probe.rules, { clock, log: silentLogger })
    if (!taken({ ...alert, events: [event] }, engine).met) {
      throw new CodedError('does-not-hide', 'The exception would not hide the alert that it is made from')
    }
    const effect = await exceptionEffect(state.alerts, [alert.rule.id, rule.id], engine)
    log.debug({ rule: rule.id, hidden: effect.hidden, alerts: effect.alerts }, 'exception looked at')
    return {
      preview: { rule: alert.rule, filtered: rule, fields, filter, effect },
      exception: {
        id,
        rules: [rule.id],
        ruleTitle: rule.title,
        alert: alert.id,
        fields: chosen,
        filter,
        owner,
        reason,
        actor: owner,
        addedAt,
        hits: { count: 0 },
        ...(expiresAt !== undefined && { expiresAt }),
      },
    }
  }

  /** The event that an exception is made from, and the rule that it is for. */
  async #subjectOf(
    alert: Alert,
  ): Promise<{ event: Event; sheet: RuleSheet; rule: Pick<RuleInfo, 'id' | 'title'> }> {
    const [match] = alert.matches
    const event = alert.events.find(({ id }) => id === match?.event) ?? alert.events.at(-1)
    const { rule } = alert
    if (rule.type === 'indicator') {
      throw new CodedError(
        'no-exception-possible',
        "This alert is of an indicator: 'vedette allow add' keeps it silent",
      )
    }
    if (!event || event.kind === 'finding') {
      throw new CodedError(
        'no-exception-possible',
        'This alert is of a scanned file: exceptions are from rules over events',
      )
    }
    const correlation = this.#loaded.correlations.find(({ info }) => info.id === rule.id)
    for (const id of correlation?.references ?? [rule.id]) {
      const sheet = await this.sheetOf(id)
      if (!sheet || (correlation && !sheet.explainEvent(event).holds)) continue
      return { event, sheet, rule: this.#infoOf(id) ?? rule }
    }
    throw new CodedError(
      'no-exception-possible',
      `The rule "${rule.title}" is not in force any more, so it needs no exception`,
    )
  }

  #infoOf(id: string): RuleInfo | undefined {
    const { rules, correlations } = this.#loaded
    return [...rules, ...correlations].find(({ info }) => info.id === id)?.info
  }

  /** A rule's id, and those of the rules that it counts. */
  #withReferences(id: string): string[] {
    const correlation = this.#loaded.correlations.find(({ info }) => info.id === id)
    return [id, ...(correlation?.references ?? []).flatMap((one) => this.#withReferences(one))]
  }

  #originOf(file: string): string {
    if (this.#texts.has(file)) return file.slice(0, file.indexOf('/'))
    return file.startsWith(this.#options.content) ? 'built-in' : 'configured'
  }

  #openReader(): Promise<RuleReader> {
    const { content, config } = this.#options
    this.#reader ??= RuleReader.open(content, config.parameters)
    return this.#reader
  }
}

async function textIn(
  { rules, correlations }: LoadedRules,
  texts: ReadonlyMap<string, string>,
  id: string,
): Promise<RuleText | undefined> {
  const info = [...rules, ...correlations].find((one) => one.info.id === id)?.info
  if (!info) return undefined
  const text = texts.get(info.file) ?? (await readFile(info.file, 'utf8').catch(() => undefined))
  return text === undefined ? undefined : { file: info.file, text }
}

function toText({ id, filter }: RuleException): RuleText {
  return { file: `exceptions/${id}.yml`, text: filter }
}

function idsOf(exceptions: readonly RuleException[]): string {
  return exceptions.map(({ id }) => id).join(' ')
}
