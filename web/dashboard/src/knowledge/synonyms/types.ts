export interface SynonymGroup {
  id: string;
  /** The first is what the others are read as. */
  words: string[];
  updated_at: string;
  updated_by: string;
}
