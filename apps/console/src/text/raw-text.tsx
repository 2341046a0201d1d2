import { memo } from 'react'
import { type Mark, piecesOf } from './hidden.ts'

/**
 * Text that may come from an attacker: written as text, hidden characters as small tokens that name themselves, matched
 * parts marked. Its direction never leaves it.
 */
export const RawText = memo(function RawText({
  text,
  marks = [],
}: {
  readonly text: string
  readonly marks?: readonly Mark[]
}) {
  return (
    <bdi dir="ltr" className="raw">
      {piecesOf(text, marks).map((piece, at) => {
        const body =
          piece.hidden === undefined ? (
            piece.text
          ) : (
            <span className="hidden-character" title={piece.hidden}>
              {piece.text}
            </span>
          )
        // oxlint-disable-next-line react/no-array-index-key -- the pieces of one text have no other name
        return piece.marked ? <mark key={at}>{body}</mark> : <span key={at}>{body}</span>
      })}
    </bdi>
  )
})
