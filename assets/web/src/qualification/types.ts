export interface Question {
  id: number;
  key: string;
  question: string;
  help: string | null;
  type: 'number' | 'range' | 'boolean' | 'choice';
  unit: string | null;
  /** What can be clicked; empty for numbers. */
  choices: { value: string; label: string }[];
}

export interface Consent {
  text_version: string;
  text: string;
}

export interface Questions {
  questions: Question[];
  consent: Consent;
}

export interface Recommendation {
  recommended_package: string;
  package_details: { name: string; description: string; includes: string[]; ideal_for: string | null } | null;
  /** The package's share of all points, in percent. */
  confidence: number;
}

export interface Submitted {
  recommendation: Recommendation;
  lead_id: number | null;
}

export interface ContactForm {
  name: string;
  email: string;
  phone: string;
  agreed: boolean;
}
