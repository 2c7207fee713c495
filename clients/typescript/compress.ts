/** The service refuses a body that inflates to a hundred times its size; this leaves room for its headers. */
const MOST_RATIO = 90

/** Compresses a body with gzip; undefined if it would be compressed more than the service accepts. */
export async function gzipped (text: string): Promise<ArrayBuffer | undefined> {
  const plain = new Blob([text])
  const compressed = await new Response(plain.stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
  return plain.size > MOST_RATIO * compressed.byteLength ? undefined : compressed
}
