export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 20 20" fill="none" aria-hidden="true">
        <path d="M10 1.5 17.5 5v5.2c0 4-3 7-7.5 8.3-4.5-1.3-7.5-4.3-7.5-8.3V5Z" />
        <path d="M6.2 9.5 10 13.3l3.8-3.8" />
      </svg>
      Vedette
    </span>
  )
}
