import { RawText } from '../../text/raw-text.tsx'

const ADDRESS = String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[?[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\]?(?::\d{1,5})?`
const PATH = String.raw`(?<![\w/])/[\w.@+-]+(?:/[\w.@+-]+)+`

/** An alert's title with the names in it set apart: hosts and programs bold, addresses and paths letter by letter. */
export function Sentence({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  const known = [...new Set(names)].filter((name) => name.length > 1).sort((a, b) => b.length - a.length)
  const escaped = known.map((name) => `(?<![\\w/.-])${literally(name)}(?![\\w/-])`)
  const parts = title.slice(0, 2000).split(new RegExp(`(${[...escaped, ADDRESS, PATH].join('|')})`, 'u'))
  return (
    <>
      {parts.map((part, at) => {
        const text = <RawText text={part} />
        // oxlint-disable-next-line react/no-array-index-key -- the parts of one title have no other name
        if (at % 2 === 0) return <span key={at}>{text}</span>
        // oxlint-disable-next-line react/no-array-index-key -- as above
        return known.includes(part) ? <b key={at}>{text}</b> : <code key={at}>{text}</code>
      })}
    </>
  )
}

/** A pattern that matches the text itself. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
