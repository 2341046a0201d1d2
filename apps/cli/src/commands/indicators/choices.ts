/** As the model has them; written out so that `--help` need not load it. A test compares them. */
export const typeChoices = [
  'sha256',
  'sha1',
  'md5',
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'domain_suffix',
  'registered_domain',
  'url',
  'path',
  'process_name',
]
export const tlpChoices = ['clear', 'green', 'amber', 'amber+strict', 'red']
export const formatChoices = ['json', 'txt', 'csv', 'stix', 'misp']
export const modeChoices = ['add', 'replace']
