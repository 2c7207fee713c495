import { BAD, CHUNK, CHUNKED, EVENT, HIDDEN, LENGTH, post, type ShapeCategory } from '../shape.ts'

const END = '0\r\n\r\n'
/** A body that ends at once for a reader of chunks, and holds another request for a reader of lengths. */
const clTe = (fields: string) => post(`Content-Length: ${END.length + HIDDEN.length}\r\n${fields}`, END + HIDDEN)
/** A body that ends early for a reader of lengths, and holds another request for a reader of chunks. */
const teCl = (fields: string) =>
  post(`Content-Length: 4\r\n${fields}`, `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n${END}`)

export default {
  category: 'request smuggling',
  shapes: [
    { name: 'CL.TE', text: clTe(CHUNKED), answers: BAD },
    { name: 'TE.CL', text: teCl(CHUNKED), answers: BAD },
    ...[
      'Transfer-Encoding : chunked', 'Transfer-Encoding: xchunked', 'Transfer-Encoding:\tchunked', ' Transfer-Encoding: chunked',
      'X: x\nTransfer-Encoding: chunked', 'Transfer-Encoding\r\n : chunked', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
      'Transfer-Encoding: x\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: "chunked"', 'Transfer-Encoding: identity',
      'Transfer-Encoding: chun\0ked', 'Transfer-Encoding: \u000bchunked', 'Transfer-Encoding: chunked\u0000',
      'Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked'
    ].map((field) => ({ name: `TE.TE, ${JSON.stringify(field)}`, text: clTe(`${field}\r\n`), answers: BAD })),
    { name: 'a coding in front of the chunks', answers: BAD,
      text: post('Transfer-Encoding: gzip, chunked\r\n', `${CHUNK}${END}`) },
    {
      name: 'two lengths, of which the second hides a request',
      text: post(`${LENGTH}Content-Length: ${EVENT.length + HIDDEN.length}\r\n`, EVENT + HIDDEN), answers: BAD
    },
    { name: 'a folded length', text: post(`Content-Length:\r\n ${EVENT.length}\r\n`, EVENT + HIDDEN), answers: BAD },
    {
      name: 'an extension that hides a line', answers: BAD,
      text: post(CHUNKED, `${EVENT.length.toString(16)};\n${HIDDEN.length.toString(16)}\r\n${EVENT}\r\n${END}${HIDDEN}`)
    },
    { name: 'a chunk that ends twice', text: post(CHUNKED, `${CHUNK}\r\n${END}`), answers: BAD },
    {
      name: 'a length of a GET that hides a request', answers: [[200, 400]],
      text: `GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`
    },
    {
      name: 'chunks of a GET that hide a request', answers: [[200, 400]],
      text: `GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\n${CHUNKED}\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n${END}`
    },
    { name: 'a connection field that names the framing', answers: [[202]],
      text: post(`Connection: close, Content-Length\r\n${LENGTH}`) }
  ]
} satisfies ShapeCategory
