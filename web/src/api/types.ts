/* Names for the shapes of the OpenAPI document (schema.d.ts is made from it by `npm run api`). */
import type { components, paths } from './schema.d.ts';

type Schemas = components['schemas'];
export type Camera = Schemas['Camera'];
export type EventItem = Schemas['Event'];
export type EventList = Schemas['Events'];
export type Mark = Schemas['Mark'];
export type Note = Schemas['Note'];
export type CameraHealth = Schemas['CameraHealth'];
export type CameraAccess = Schemas['CameraAccess'];
export type CameraChange = Schemas['CameraChange'];
export type UploadTarget = Schemas['UploadTarget'];
export type ReceivedPath = Schemas['ReceivedPaths']['paths'][number];
export type TemplatePreview = Schemas['TemplatePreview'];
export type PathReading = Schemas['PathReading'];
export type KeptFile = Schemas['Aside'];
export type LogLine = Schemas['CameraLog']['lines'][number];
export type WindowArea = Schemas['WindowArea'];
export type Frame = Schemas['Frame'];
export type PlaybackIndex = Schemas['PlaybackIndex'];
export type CameraActivity = Schemas['CameraActivity'];
export type Progress = Schemas['Progress'];
export type ExportJob = Schemas['Export'];
export type System = Schemas['System'];
export type Deletion = Schemas['Deletion'];
export type Problem = Schemas['Problem'];
export type LiveMessages = Required<Schemas['LiveMessage']>;

/** Calls that answer JSON. */
export type JsonPath = {
  [P in keyof paths]: paths[P] extends {
    get: { responses: { 200: { content: { 'application/json': unknown } } } };
  }
    ? P
    : never;
}[keyof paths];

export type Answer<P extends JsonPath> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer A } } } };
}
  ? A
  : never;

export type Query<P extends JsonPath> = paths[P] extends {
  get: { parameters: { query?: infer Q } };
}
  ? Q
  : never;
