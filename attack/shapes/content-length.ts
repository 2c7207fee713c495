import { ACCEPTED, BAD, EVENT, LENGTH, post, type ShapeCategory } from '../shape.ts'

const length = (value: string, body = EVENT) => post(`Content-Length: ${value}\r\n`, body)

export default {
  category: 'Content-Length',
  shapes: [
    { name: 'the right one', text: post(LENGTH), answers: ACCEPTED },
    { name: 'zero in front', text: length(`00${EVENT.length}`), answers: [[202, 400]] },
    { name: 'negative', text: length('-1'), answers: BAD },
    { name: 'with a sign', text: length(`+${EVENT.length}`), answers: BAD },
    { name: 'hexadecimal', text: length('0x1c'), answers: BAD },
    { name: 'a fraction', text: length('28.0'), answers: BAD },
    { name: 'no digit', text: length('many'), answers: BAD },
    { name: 'empty', text: length(''), answers: BAD },
    { name: 'with a space within', text: length('2 8'), answers: BAD },
    { name: 'beyond 64 bits', text: length('99999999999999999999999'), answers: BAD },
    { name: 'of digits beyond ASCII', text: length('\u00b2\u00b3'), answers: BAD },
    { name: 'twice the same', text: post(LENGTH + LENGTH), answers: BAD },
    { name: 'twice, different', text: post(`${LENGTH}Content-Length: 5\r\n`), answers: BAD },
    { name: 'a list of the same', text: length(`${EVENT.length}, ${EVENT.length}`), answers: BAD },
    { name: 'a list of different ones', text: length(`${EVENT.length}, 5`), answers: BAD },
    { name: 'beyond the limit', text: length('100000000'), answers: [[413]] },
    { name: 'none', text: post(''), answers: [[400, 411], [400]] }
  ]
} satisfies ShapeCategory
