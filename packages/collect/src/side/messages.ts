/** What a process of jobs is told. */
export type ToSide =
  | {
      readonly type: 'open'
      readonly job: number
      /** URL of the module that does the job; see `SideJobModule`. */
      readonly module: string
      /** For the job; must survive structured cloning. */
      readonly data: unknown
    }
  | { readonly type: 'tell'; readonly job: number; readonly message: unknown }
  | { readonly type: 'close'; readonly job: number }

/** What it says. */
export type FromSide =
  /** Once a second, and while it works without a break: it is not stuck. */
  | { readonly type: 'alive' }
  | { readonly type: 'said'; readonly job: number; readonly message: unknown }
  | { readonly type: 'failed'; readonly job: number; readonly reason: string }

/** What a job has of the process that it runs in. */
export interface SideJobContext {
  /** Says something to who opened the job. Resolves once it was handed on: who waits for that fills no memory. */
  readonly say: (message: unknown) => Promise<void>
  /** To be called now and then by work that takes longer than a second without a break; cheap. */
  readonly working: () => void
}

/** A job under way. */
export interface SideJob {
  hear?(message: unknown): void
  /** Nobody wants it any more. */
  close?(): void
  /** Where it works by itself: rejects when it cannot go on, which ends it alone. */
  readonly work?: Promise<void>
}

/** What the module of a job exports. */
export interface SideJobModule {
  /** Opens the job. Throwing ends it alone. */
  open(data: unknown, context: SideJobContext): SideJob | Promise<SideJob>
}
