export interface Both {
  zh: string;
  en: string;
}

export interface Question {
  key: string;
  kind: "text" | "email" | "phone" | "choice";
  label: Both;
  required: boolean;
  choices: Both[];
}

export interface Proposal {
  id: string;
  enabled: boolean;
  page: string;
  after_s: number;
  words: Both;
}

export interface Holiday {
  first: string;
  last: string;
  name: string;
}

/** As the server keeps it: `WidgetSettings`. */
export interface WidgetSettings {
  title: Both;
  color: string;
  position: "left" | "right";
  welcome: Both;
  suggestions: { zh: string[]; en: string[] };
  away: Both;
  files: boolean;
  prechat: { enabled: boolean; intro: Both; questions: Question[] };
  proposals: Proposal[];
  office_hours: string;
  timezone: string;
  holidays: Holiday[];
}

export interface SettingsAnswer {
  settings: WidgetSettings;
  revision: number;
  defaults: WidgetSettings;
}
