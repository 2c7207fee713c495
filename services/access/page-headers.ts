/** Directives of every page: this process serves all that it loads, no page frames it, and no form posts. */
const POLICY = {
  'default-src': "'self'",
  'script-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'object-src': "'none'"
}

/** Returns the security headers of a page; `directives` replace or complete those of every page. */
export function pageHeaders (directives: Readonly<Record<string, string>> = {}): Record<string, string> {
  const policy = Object.entries({ ...POLICY, ...directives }).map(([name, value]) => `${name} ${value}`)
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY'
  }
}
