import { ArraySplitter } from '../services/intake/array-splitter.ts'

/** The texts of the elements of a JSON array, without the white space around them. */
export function elementTexts (json: string): string[] {
  const splitter = new ArraySplitter(json)
  const texts: string[] = []
  for (let step = splitter.step(); step !== 'end'; step = splitter.step()) {
    if (step === 'malformed') throw new SyntaxError(`no JSON array: ${json.slice(0, 100)}`)
    if (step === 'element') texts.push(splitter.element)
  }
  return texts
}
