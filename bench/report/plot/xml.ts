const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as it may stand in XML, inside an element or an attribute; what XML has no place for becomes U+FFFD. */
export function escapeXml (text: string): string {
  return text.toWellFormed()
    // eslint-disable-next-line no-control-regex -- these are what has to go
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
