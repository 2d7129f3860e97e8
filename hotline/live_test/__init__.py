"""`hotline test --live`: scenarios as real calls, judged by what the phone hears and by the records."""
