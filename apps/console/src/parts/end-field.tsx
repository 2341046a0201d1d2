/** For how many days a key holds. */
export function EndField() {
  return (
    <label className="field">
      It ends after
      <select name="days" defaultValue="90">
        <option value="1">A day</option>
        <option value="7">7 days</option>
        <option value="30">30 days</option>
        <option value="90">90 days</option>
        <option value="366">A year</option>
      </select>
    </label>
  )
}
