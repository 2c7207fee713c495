/** Content type of an answer that is written as text, without a serializer. */
export const JSON_TYPE = 'application/json; charset=utf-8'
