export interface CaseResult {
  query: string;
  expected: string | null;
  before: string | null;
  after: string | null;
  score_before: number;
  score_after: number;
}

export interface CheckAnswer {
  cases: number;
  passed_before: number;
  passed_after: number;
  worse: CaseResult[];
  better: CaseResult[];
  /** Answered wrong before and after. */
  failing: CaseResult[];
  blocks: boolean;
}

export interface Case {
  id: string;
  query: string;
  entry_id: string | null;
}
