const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** Escapes text for an element or an attribute of XML; characters that XML cannot represent become U+FFFD. */
export function escapeXml (text: string): string {
  return text.toWellFormed()
    // eslint-disable-next-line no-control-regex -- the pattern removes control characters
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
