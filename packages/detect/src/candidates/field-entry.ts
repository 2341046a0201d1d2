import {
  type FieldReader,
  type FieldText,
  type FieldValue,
  foldText,
  readField,
  textOf,
  TextJoiner,
} from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { fold } from '../condition/fold.ts'

/** One value of one field, and what was found out about it. Whatever slot is asked for, it is this field. */
export class FieldEntry implements FieldReader {
  #value: FieldValue = undefined
  #text: FieldText = undefined
  #folded: FieldText = undefined
  #isFolded = true
  /** For an entry that is kept: what each predicate of the field says of it; 0 where it was not asked. */
  memo: Uint8Array | undefined
  /** For an entry that is kept: rules of which a witness stands in it, as `toWords` gives them. */
  words: Int32Array | undefined

  /** Turns to another value. What was found out about the last one is for the owner to forget. */
  set(value: FieldValue): void {
    this.#value = value
    this.#text = typeof value === 'string' ? value : textOf(value)
    this.#folded = undefined
    this.#isFolded = false
  }

  value(): FieldValue {
    return this.#value
  }

  text(): FieldText {
    return this.#text
  }

  folded(): FieldText {
    if (!this.#isFolded) {
      this.#folded = foldText(this.#text)
      this.#isFolded = true
    }
    return this.#folded
  }
}

/** Every text of an event or record: joined, for what asks whether one contains something, and each by itself. */
export class EverywhereEntry extends FieldEntry {
  readonly #field: Field
  readonly #joiner = new TextJoiner()
  #root: object = {}
  #joined: string | undefined
  #joinedFolded: string | undefined
  #isRead = true

  constructor(field: Field) {
    super()
    this.#field = field
  }

  setRoot(root: object): void {
    this.#root = root
    this.#joined = undefined
    this.#joinedFolded = undefined
    this.#isRead = false
  }

  get joined(): string {
    if (this.#joined === undefined) {
      this.#joiner.reset()
      this.#joiner.addRoot(this.#root, this.#field)
      this.#joined = this.#joiner.text
    }
    return this.#joined
  }

  get joinedFolded(): string {
    return (this.#joinedFolded ??= fold(this.joined))
  }

  #read(): void {
    if (this.#isRead) return
    this.set(readField(this.#root, this.#field))
    this.#isRead = true
  }

  override value(): FieldValue {
    this.#read()
    return super.value()
  }

  override text(): FieldText {
    this.#read()
    return super.text()
  }

  override folded(): FieldText {
    this.#read()
    return super.folded()
  }
}
