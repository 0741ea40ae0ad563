/** `GET /api/analytics`; what each figure counts is said in `app/analytics/schemas.py`. */
export interface Figures {
  conversations: number;
  customer_messages: number;
  to_human: number;
  over: number;
  resolved_by_bot: number;
  bot_answers: number;
  missed: number;
  first_response_s: number | null;
  first_response_p90_s: number | null;
  waiting_s: number | null;
  resolution_s: number | null;
  left_messages: number;
  ratings: number;
  stars: number | null;
  satisfied: number;
  thumbs_up: number;
  thumbs_down: number;
}

export interface Day {
  day: string;
  conversations: number;
  to_human: number;
  resolved_by_bot: number;
  customer_messages: number;
  missed: number;
  positive: number;
  neutral: number;
  negative: number;
}

export interface AgentFigures {
  agent_id: string;
  name: string;
  chats: number;
  replies: number;
  first_response_s: number | null;
  resolution_s: number | null;
  ratings: number;
  stars: number | null;
}

export interface Report {
  first: string;
  last: string;
  zone: string;
  figures: Figures;
  before: Figures;
  days: Day[];
  hours: number[][];
  intents: { intent: string; count: number; missed: number }[];
  routes: Record<string, number>;
  reasons: Record<string, number>;
  stars: number[];
  agents: AgentFigures[];
  missed: { text: string; count: number; at: string; conversation_id: string }[];
}
