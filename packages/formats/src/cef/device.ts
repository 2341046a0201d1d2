import type { LogSource } from '@vedette/model'

/** Products that Sigma has names for, by vendor and product as devices write them, of lower case. */
const PRODUCTS: readonly (readonly [vendor: string, product: string, source: LogSource])[] = [
  ['fortinet', 'fortigate', { product: 'fortigate' }],
  ['palo alto networks', '', { product: 'paloalto' }],
  ['cisco', '', { product: 'cisco' }],
  ['microsoft', 'windows', { product: 'windows' }],
  ['microsoft', 'microsoft windows', { product: 'windows' }],
  ['check point', '', { category: 'firewall' }],
  ['okta', '', { product: 'okta' }],
  ['juniper', '', { product: 'juniper' }],
  ['huawei', '', { product: 'huawei' }],
]
const UNKNOWN: LogSource = {}

/** Where a record of a device comes from, as far as its vendor and product say. */
export function deviceSource(vendor: string, product: string): LogSource {
  const [lowVendor, lowProduct] = [vendor.toLowerCase(), product.toLowerCase()]
  const found = PRODUCTS.find(([v, p]) => lowVendor === v && (p === '' || lowProduct.startsWith(p)))
  return found?.[2] ?? UNKNOWN
}
