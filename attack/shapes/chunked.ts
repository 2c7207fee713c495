import { ACCEPTED, BAD, CHUNK, CHUNKED, EVENT, post, type ShapeCategory } from '../shape.ts'

const SIZE = EVENT.length.toString(16)
const chunks = (body: string) => post(CHUNKED, body)

export default {
  category: 'chunked bodies',
  shapes: [
    { name: 'a valid one', text: chunks(`${CHUNK}0\r\n\r\n`), answers: ACCEPTED },
    { name: 'a size in capitals with zeros', text: chunks(`000${SIZE.toUpperCase()}\r\n${EVENT}\r\n0\r\n\r\n`), answers: ACCEPTED },
    { name: 'an extension', text: chunks(`${SIZE};a=b\r\n${EVENT}\r\n0\r\n\r\n`), answers: [[202, 400]] },
    { name: 'an extension with a bare LF', text: chunks(`${SIZE};a\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'an extension of 32 KiB', text: chunks(`${SIZE};${'a'.repeat(32_768)}\r\n${EVENT}\r\n0\r\n\r\n`), answers: [[400, 413]] },
    { name: 'trailers', text: chunks(`${CHUNK}0\r\nX-A: b\r\n\r\n`), answers: [[202, 400]] },
    { name: 'a trailer that changes the framing', text: chunks(`${CHUNK}0\r\nContent-Length: 5\r\n\r\n`), answers: [[202, 400]] },
    { name: 'a trailer with a priority', text: chunks(`${CHUNK}0\r\nX-Event-Priority: 1\r\n\r\n`), answers: [[202, 400]] },
    { name: 'a size without digits', text: chunks(`x\r\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'a negative size', text: chunks(`-1\r\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'a size with 0x', text: chunks(`0x${SIZE}\r\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'a size beyond 64 bits', text: chunks(`fffffffffffffffff\r\n${EVENT}\r\n0\r\n\r\n`), answers: [[400, 413]] },
    { name: 'a size of 2 GiB', text: chunks(`80000000\r\n${EVENT}\r\n0\r\n\r\n`), answers: [[400, 413, 0]] },
    { name: 'a space in front of the size', text: chunks(` ${SIZE}\r\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'a size that ends with a bare LF', text: chunks(`${SIZE}\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'data longer than the size', text: chunks(`5\r\n${EVENT}\r\n0\r\n\r\n`), answers: BAD },
    { name: 'data without its end', text: chunks(`${SIZE}\r\n${EVENT}0\r\n\r\n`), answers: BAD },
    { name: 'data that ends with a bare LF', text: chunks(`${SIZE}\r\n${EVENT}\n0\r\n\r\n`), answers: BAD },
    { name: 'another coding', text: post('Transfer-Encoding: gzip\r\n', EVENT), answers: BAD },
    { name: 'chunked and then another coding', text: post('Transfer-Encoding: chunked, gzip\r\n', `${CHUNK}0\r\n\r\n`), answers: BAD },
    { name: 'chunked twice', text: post('Transfer-Encoding: chunked, chunked\r\n', `${CHUNK}0\r\n\r\n`), answers: BAD },
    { name: 'chunked with HTTP/1.0', text: chunks(`${CHUNK}0\r\n\r\n`).replace('HTTP/1.1', 'HTTP/1.0'), answers: [[400]] }
  ]
} satisfies ShapeCategory
